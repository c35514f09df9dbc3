#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The soak: SEED names its seed (else it is drawn), SOAK_SECONDS its time (120),
# SOAK_CYCLES how many cycles have to be done in that time (as many as fit).

# To look at each event takes udev longer than it takes the service to make it.
udevadm settle
udevadm control --exit
./soak ${SEED:+-s "$SEED"} ${SOAK_SECONDS:+-t "$SOAK_SECONDS"} ${SOAK_CYCLES:+-c "$SOAK_CYCLES"}
status=$?
# Nothing of the runner's is to stay open in it.
/lib/systemd/systemd-udevd --daemon > /dev/null 2>&1 3>&- 4>&- 5>&-
exit $status
