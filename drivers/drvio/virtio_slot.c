// SPDX-License-Identifier: GPL-2.0
/*
 * Slots of PCI: the ports of PCI Express that announce hotplug, whoever drives
 * it (pciehp or ACPI), and the slots that a hotplug driver has registered on
 * conventional buses (ACPI on QEMU's machine pc, SHPC).
 */
#include <linux/kobject.h>
#include <linux/pci.h>
#include <linux/spinlock.h>

#include "virtio_slot.h"

static bool is_port(struct pci_dev *pdev)
{
	return pci_pcie_type(pdev) == PCI_EXP_TYPE_ROOT_PORT ||
	       pci_pcie_type(pdev) == PCI_EXP_TYPE_DOWNSTREAM;
}

/* A port that can take a device while the guest runs, and has none. */
static bool port_is_free(struct pci_dev *pdev)
{
	u32 cap = 0;

	if (!is_port(pdev) || !pdev->subordinate ||
	    !list_empty(&pdev->subordinate->devices))
		return false;
	pcie_capability_read_dword(pdev, PCI_EXP_SLTCAP, &cap);
	return cap & PCI_EXP_SLTCAP_HPC;
}

/*
 * Slots below ports are the ports' own.  A slot that has no number of its own
 * (a placeholder of pSeries) tells nothing of what is in it.
 */
static bool slot_is_free(struct pci_slot *slot)
{
	struct pci_dev *bridge = slot->bus->self, *pdev;

	if (!READ_ONCE(slot->hotplug) || (bridge && is_port(bridge)) ||
	    slot->number > PCI_SLOT(0xff))
		return false;
	list_for_each_entry(pdev, &slot->bus->devices, bus_list)
		if (PCI_SLOT(pdev->devfn) == slot->number)
			return false;
	return true;
}

unsigned int virtio_slots_free(void)
{
	struct pci_dev *pdev = NULL;
	struct kobject *kobj;
	unsigned int n = 0;

	/* No device comes or goes. */
	pci_lock_rescan_remove();
	for_each_pci_dev(pdev)
		n += port_is_free(pdev);

	/* A slot that is in the list has not been released, nor its bus. */
	spin_lock(&pci_slots_kset->list_lock);
	list_for_each_entry(kobj, &pci_slots_kset->list, entry)
		n += slot_is_free(container_of(kobj, struct pci_slot, kobj));
	spin_unlock(&pci_slots_kset->list_lock);
	pci_unlock_rescan_remove();
	return n;
}
