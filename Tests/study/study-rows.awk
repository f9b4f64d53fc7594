# The rows of one route out of a flattened `samdata evaluate --before --json`: Dice with boxes, and with one point.
{
    values[$1] = $2
    if ($1 ~ /^comparison(\.figures)?\.lines\.[0-9]+\.prompt$/) {
        root = $1
        sub(/\.prompt$/, "", root)
        roots[++rootCount] = root
    }
}

function figure(root, which,    mean, low, high) {
    mean = values[root ".dice." which ".mean"]
    if (mean == "") return "-"
    low = values[root ".dice." which ".interval.0"]
    high = values[root ".dice." which ".interval.1"]
    if (low == "") return sprintf(which == "difference" ? "%+.3f" : "%.3f", mean)
    return sprintf(which == "difference" ? "%+.3f (%+.3f...%+.3f)" : "%.3f (%.3f...%.3f)", mean, low, high)
}

function row(prompt, before, after, change) {
    printf "%-14s %-6s %-20s %-20s %-22s %7.0fs %6.0f MB %6.2f MB\n", route, prompt, before, after, change, seconds, memory / 1e6, saved / 1e6
}

END {
    for (i = 1; i <= rootCount; i++) {
        root = roots[i]
        if (values[root ".part"] != "all") continue
        clicks = values[root ".clicks"]
        if (clicks > 1) continue
        row(clicks == 0 ? "box" : "point", figure(root, "before"), figure(root, "after"), figure(root, "difference"))
        printed = 1
    }
    if (printed) exit
    for (i = 1; i <= split("box point", kinds, " "); i++) {
        before = values["results.0." kinds[i] ".all.dice"]
        after = values["results.1." kinds[i] ".all.dice"]
        row(kinds[i], sprintf("%.3f", before), sprintf("%.3f", after), sprintf("%+.3f", after - before))
    }
}
