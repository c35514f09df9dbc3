/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Network backends as people write them: "tap,ifname=tap0,script=no".
 */
#ifndef DRVIO_MANAGER_NETDEV_H
#define DRVIO_MANAGER_NETDEV_H

#include <json-c/json.h>

/**
 * netdev_arguments() - the arguments of netdev_add
 * @spec: "TYPE[,KEY=VALUE]...", or a JSON object
 * @id: id of the backend
 *
 * "on" and "off" become booleans and decimal numbers become numbers, as QMP
 * wants them; a JSON object says everything.
 *
 * Return: a JSON object, or NULL after what is wrong was reported.
 */
struct json_object *netdev_arguments(const char *spec, const char *id);

#endif
