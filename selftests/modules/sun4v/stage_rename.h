/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included ahead of everything, here and in the driver under test: what is called
 * by these names is the stage's, not the kernel's.
 *
 * Hypercalls and interrupts are stand-ins (stage_hv.c), so is the machine
 * description (stage_md.c).  Domain Services are the kernel's own source, but as
 * it is compiled into the stage; ldc_*() are so without being renamed, since the
 * stage exports none of them.
 */
#define ds_cap_init			stage_ds_cap_init
#define ds_cap_fini			stage_ds_cap_fini
#define ds_cap_send			stage_ds_cap_send

#define mdesc_grab			stage_mdesc_grab
#define mdesc_release			stage_mdesc_release
#define mdesc_node_by_name		stage_mdesc_node_by_name
#define mdesc_get_property		stage_mdesc_get_property
#define mdesc_get_node			stage_mdesc_get_node
