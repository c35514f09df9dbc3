/* SPDX-License-Identifier: GPL-2.0 */
/* Tables of multipath maps. */
#ifndef DRVIO_HELPER_MULTIPATH_H
#define DRVIO_HELPER_MULTIPATH_H

#include <stdbool.h>

/**
 * multipath_without() - a table without one of its paths
 * @table: the table of a map
 * @path: the number of the path, "254:16"
 *
 * Return: the new table, to be freed; NULL when the path is not in it, is the
 * last one, or the table is none of a map.
 */
char *multipath_without(const char *table, const char *path);

#endif /* DRVIO_HELPER_MULTIPATH_H */
