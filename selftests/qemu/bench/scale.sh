#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a request, a STATUS and the reading of an attribute cost with 1, 10, 100 and
# 250 simulated devices, and the memory of a DR device; `make bench-scale` runs it.
# Exits with 1 when the cost is not flat, that is within 1.2 times.
# Usage: scale.sh OUTPUT-DIR [ROUNDS [PASSES]]   (10, 12 times; see scale.c)
# Leaves OUTPUT-DIR/bench/scale.svg.
set -eu

[ $# -ge 1 ] || { echo "usage: scale.sh OUTPUT-DIR [ROUNDS [PASSES]]" >&2; exit 2; }
out=$1
here=$(cd "$(dirname "$0")" && pwd)
run=$(mktemp -d "${TMPDIR:-/tmp}/drvio-scale.XXXXXX")
trap 'rm -rf "$run"' EXIT
trap 'exit 143' TERM INT HUP

mkdir -p "$run/root/root" "$out/bench"
cp -a "$out/selftests/bench" "$run/root/root/"
# udevd looks at each event, which takes longer than what is measured.
cat > "$run/root/root/scale.sh" <<END
#!/bin/sh
udevadm settle
udevadm control --exit
exec /root/bench/scale ${2:-10} ${3:-12}
END
chmod +x "$run/root/root/scale.sh"

echo "measuring with up to 250 devices: a minute or two" >&2
O=$out OVERLAY=$run/root GUEST_ARGS="loglevel=1 GUEST_RUN=/root/scale.sh" \
	timeout 900 "$here/../guest.sh" "$run" > "$run/guest.log" 2>&1 || :
tr -d '\r' < "$run/console.log" > "$run/lines"
if ! grep -q '^drvio-guest: /root/scale.sh ended with exit status 0$' "$run/lines"; then
	cat "$run/guest.log" "$run/lines" >&2
	echo "scale: it was not measured" >&2
	exit 1
fi

awk -v svg="$out/bench/scale.svg" '
function px(i) { return 90 + (i - 1) * 150 }
function py(ratio) { return 300 - (ratio - 0.6) * 300 }
function text(x, y, anchor, what) {
	printf "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>\n", x, y, anchor, what > svg
}
function rule(y, style) {
	printf "<line x1=\"90\" y1=\"%d\" x2=\"540\" y2=\"%d\" %s/>\n", y, y, style > svg
}
$1 == "devices" { n[++counts] = $2; for (f = 3; f < NF; f += 2) v[$f, $2] = $(f + 1) }
$1 == "memory" { own = $2; sysfs = $4; refused = $6 }
END {
	split("request status read", kind)
	split("#1f5fa8 #b04a00 #2e7d32", color)
	label["request"] = "CONFIGURE, UNCONFIGURE"
	label["status"] = "STATUS"
	label["read"] = "read of an attribute"

	print "The cost with so many devices, and how many times that with one"
	printf "%-8s %22s %22s %22s\n", "devices", "request", "STATUS", "attribute"
	for (c = 1; c <= counts; c++) {
		printf "%-8d", n[c]
		for (k = 1; k <= 3; k++) {
			m[k, c] = v[kind[k], n[c]]
			ratio[k, c] = m[k, c] / m[k, 1]
			if (ratio[k, c] > worst) worst = ratio[k, c]
			printf " %13.1f us %5.2f", m[k, c], ratio[k, c]
		}
		print ""
	}
	printf "\nMemory of a DR device: %d bytes, %d more when its last request was refused, and %d of sysfs for its files\n",
		own, refused, sysfs

	print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 360\" font-family=\"sans-serif\" font-size=\"13\">" > svg
	print "<rect width=\"600\" height=\"360\" fill=\"#fff\"/>" > svg
	text(300, 24, "middle", "Cost with n devices, as a multiple of that with one")
	for (y = 6; y <= 14; y += 2) {
		rule(py(y / 10), "stroke=\"#ddd\"")
		text(80, py(y / 10) + 4, "end", sprintf("%.1f", y / 10))
	}
	rule(py(1.2), "stroke=\"#c00\" stroke-dasharray=\"6 4\"")
	text(544, py(1.2) + 4, "start", "limit")
	for (c = 1; c <= counts; c++) text(px(c), 320, "middle", n[c])
	text(315, 342, "middle", "devices")
	for (k = 1; k <= 3; k++) {
		points = ""
		for (c = 1; c <= counts; c++) {
			y = py(ratio[k, c] > 1.5 ? 1.5 : ratio[k, c])
			points = points " " px(c) "," sprintf("%.1f", y)
			printf "<circle cx=\"%d\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n", px(c), y, color[k] > svg
		}
		printf "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>\n", substr(points, 2), color[k] > svg
		printf "<g fill=\"%s\">", color[k] > svg
		text(100, 226 + k * 18, "start", label[kind[k]])
		print "</g>" > svg
	}
	print "</svg>" > svg

	if (worst > 1.2) print "NOT FLAT: " worst " times"
	if (own + refused > 4096) print "MORE THAN 4096 BYTES"
	exit worst > 1.2 || own + refused > 4096
}' "$run/lines"
