// SPDX-License-Identifier: GPL-2.0
/*
 * The keys of /etc/drvio/drvio.conf. This table is the only place that says
 * which there are: parser, dump and man page are made from it.
 */
#include "policy.h"

/* No request lasts longer than 15 minutes (DRVIO_ACK_TIMEOUT_MAX_MS). */
#define TIMEOUT_MAX_MS	(15 * 60 * 1000)

#define LAST_RULES	"refuse force allow"

const struct policy_key policy_keys[POLICY_NKEYS] = {
	[POLICY_UNMOUNT] = {
		.name = "unmount", .type = POLICY_BOOL, .deflt = "yes",
		.help = "Idle filesystems are unmounted. With no, a mounted filesystem refuses.",
	},
	[POLICY_KEEP_MOUNTED] = {
		.name = "keep_mounted", .type = POLICY_PATHS, .deflt = "",
		.help = "Mount points that are never unmounted, not even by force.",
	},
	[POLICY_SWAPOFF] = {
		.name = "swapoff", .type = POLICY_BOOL, .deflt = "yes",
		.help = "Swap is taken out of use where what is swapped fits into memory. With no, swap refuses.",
	},
	[POLICY_RELEASE_LVM] = {
		.name = "release_lvm", .type = POLICY_BOOL, .deflt = "yes",
		.help = "Idle logical volumes on the disk are deactivated.",
	},
	[POLICY_RELEASE_CRYPT] = {
		.name = "release_crypt", .type = POLICY_BOOL, .deflt = "yes",
		.help = "Idle encrypted volumes (dm-crypt) on the disk are closed.",
	},
	[POLICY_RELEASE_DM] = {
		.name = "release_dm", .type = POLICY_BOOL, .deflt = "yes",
		.help = "Other idle device-mapper devices on the disk are removed.",
	},
	[POLICY_RELEASE_MULTIPATH] = {
		.name = "release_multipath", .type = POLICY_BOOL, .deflt = "yes",
		.help = "An idle multipath map is removed when its last path goes.",
	},
	[POLICY_RELEASE_MULTIPATH_LEG] = {
		.name = "release_multipath_leg", .type = POLICY_BOOL, .deflt = "yes",
		.help = "A path of a multipath map in use may go while another healthy one stays.",
	},
	[POLICY_RELEASE_MD] = {
		.name = "release_md", .type = POLICY_BOOL, .deflt = "yes",
		.help = "Idle md arrays on the disk are stopped.",
	},
	[POLICY_RELEASE_MD_LEG] = {
		.name = "release_md_leg", .type = POLICY_BOOL, .deflt = "yes",
		.help = "A member of an md array in use is failed and removed while the array stays whole without it.",
	},
	[POLICY_RELEASE_BCACHE] = {
		.name = "release_bcache", .type = POLICY_BOOL, .deflt = "yes",
		.help = "Idle bcache devices on the disk are stopped.",
	},
	[POLICY_RELEASE_LOOP] = {
		.name = "release_loop", .type = POLICY_BOOL, .deflt = "yes",
		.help = "Idle loop devices over the disk, or over files on it, are detached.",
	},
	[POLICY_LAST_LEG] = {
		.name = "last_leg", .type = POLICY_WORD, .deflt = "force",
		.words = LAST_RULES,
		.help = "The last healthy path or member of something in use: refuse it, let only force go over it, or allow it.",
	},
	[POLICY_RELEASE_BOND_PORT] = {
		.name = "release_bond_port", .type = POLICY_BOOL, .deflt = "yes",
		.help = "A port of a bond is taken out while another healthy one stays, or while nobody uses the bond.",
	},
	[POLICY_RELEASE_TEAM_PORT] = {
		.name = "release_team_port", .type = POLICY_BOOL, .deflt = "yes",
		.help = "The same for a port of a team.",
	},
	[POLICY_RELEASE_BRIDGE_PORT] = {
		.name = "release_bridge_port", .type = POLICY_BOOL, .deflt = "yes",
		.help = "A port of a bridge that nobody uses is taken out.",
	},
	[POLICY_RELEASE_STACKED_LINK] = {
		.name = "release_stacked_link", .type = POLICY_BOOL, .deflt = "yes",
		.help = "Links that stand on the interface (VLAN, macvlan, vxlan, ...) and that nobody uses go with it.",
	},
	[POLICY_LAST_DEFAULT_ROUTE] = {
		.name = "last_default_route", .type = POLICY_WORD, .deflt = "force",
		.words = LAST_RULES,
		.help = "The interface with the last default route of IPv4 or IPv6: refuse it, let only force go over it, or allow it.",
	},
	[POLICY_NETWORK_MANAGER] = {
		.name = "network_manager", .type = POLICY_WORD, .deflt = "auto",
		.words = "auto networkd NetworkManager ifupdown none",
		.help = "Who sets up the interface: found out by auto; with none, drvio-helper does by itself.",
	},
	[POLICY_FORCE] = {
		.name = "force", .type = POLICY_BOOL, .deflt = "yes",
		.help = "A forced unconfigure goes over users. With no, it is answered as one that is not forced.",
	},
	[POLICY_FORCE_UNMOUNT] = {
		.name = "force_unmount", .type = POLICY_BOOL, .deflt = "yes",
		.help = "Force detaches filesystems that are in use. With no, they refuse even then.",
	},
	[POLICY_KILL] = {
		.name = "kill", .type = POLICY_BOOL, .deflt = "no",
		.help = "Force ends processes that use the device: SIGTERM, and SIGKILL after kill_timeout_ms.",
	},
	[POLICY_LINK] = {
		.name = "link", .type = POLICY_WORD, .deflt = "up",
		.words = "up down",
		.help = "State of the interface once it is configured, and at boot. With down, nobody is waited for.",
	},
	[POLICY_MTU] = {
		.name = "mtu", .type = POLICY_NUMBER, .deflt = "0", .max = 65535,
		.help = "MTU of the interface once it is configured, and at boot; 0: as its driver and its manager set it.",
	},
	[POLICY_HOLD] = {
		.name = "hold", .type = POLICY_TEXT, .deflt = "", .max = 100,
		.help = "Text of a hold that is put on the device once it is configured, and at boot; empty: none.",
	},
	[POLICY_ACTIVATE] = {
		.name = "activate", .type = POLICY_BOOL, .deflt = "yes",
		.help = "Volumes on a disk are activated once it is configured: LUKS with a key file in /etc/crypttab, LVM.",
	},
	[POLICY_HOOKS] = {
		.name = "hooks", .type = POLICY_BOOL, .deflt = "yes",
		.help = "The hooks in /etc/drvio/hooks.d are run.",
	},
	[POLICY_HOOK_TIMEOUT] = {
		.name = "hook_timeout_ms", .type = POLICY_NUMBER, .deflt = "30000",
		.min = 1, .max = TIMEOUT_MAX_MS,
		.help = "How long a hook may take that declares no time of its own.",
	},
	[POLICY_KILL_TIMEOUT] = {
		.name = "kill_timeout_ms", .type = POLICY_NUMBER, .deflt = "5000",
		.max = TIMEOUT_MAX_MS,
		.help = "How long a process may take to end after SIGTERM.",
	},
	[POLICY_COMMAND_TIMEOUT] = {
		.name = "command_timeout_ms", .type = POLICY_NUMBER, .deflt = "30000",
		.min = 1, .max = TIMEOUT_MAX_MS,
		.help = "How long a command of the system may take (vgchange, mdadm, multipathd, networkctl, nmcli, ifup, ...).",
	},
	[POLICY_STALL_TIMEOUT] = {
		.name = "stall_timeout_ms", .type = POLICY_NUMBER, .deflt = "60000",
		.min = 1, .max = TIMEOUT_MAX_MS,
		.help = "How long a mount, an unmount, swapon, swapoff or writing out data is waited for while no disk of the device transfers anything.",
	},
	[POLICY_UDEV_TIMEOUT] = {
		.name = "udev_timeout_ms", .type = POLICY_NUMBER, .deflt = "10000",
		.max = TIMEOUT_MAX_MS,
		.help = "How long udev may take to initialise a new device.",
	},
	[POLICY_CARRIER_TIMEOUT] = {
		.name = "carrier_timeout_ms", .type = POLICY_NUMBER, .deflt = "5000",
		.max = TIMEOUT_MAX_MS,
		.help = "How long a new interface is waited for until it has a carrier; 0: not at all.",
	},
	[POLICY_ADDRESS_TIMEOUT] = {
		.name = "address_timeout_ms", .type = POLICY_NUMBER, .deflt = "10000",
		.max = TIMEOUT_MAX_MS,
		.help = "How long it is waited for until who manages it has given it its addresses; 0: not at all.",
	},
};
