# JSON as samdata prints it, one member or element a line, to lines of PATH <tab> VALUE: results.0.box.all.dice <tab> 0.75
{
    match($0, /^ */)
    level = RLENGTH / 2
    text = substr($0, RLENGTH + 1)
    sub(/,$/, "", text)
    if (text ~ /^[\]}]/) next
    if (match(text, /^"[^"]*": /)) {
        name[level] = substr(text, 2, RLENGTH - 4)
        text = substr(text, RLENGTH + 1)
    } else if (level > 0) {
        # Elements of an array count from 0.
        name[level] = count[level]++
    }
    if (text ~ /^[\[{]/) {
        count[level + 1] = 0
        if (text ~ /^[\[{]$/) next
    }
    path = name[1]
    for (i = 2; i <= level; i++) path = path "." name[i]
    gsub(/^"|"$/, "", text)
    print path "\t" text
}
