# Makes the table of a benchmark from the cases (name reference rows bytes scale) and from the
# results (name ms own KiB client-ms server-ms storage-ms), a line a case and round.
FNR == NR {
    reference[$1] = $2
    rows[$1] = $3
    bytes[$1] = $4
    scale[$1] = $5
    next
}

{
    if (!($1 in rounds)) {
        order[++cases] = $1
    }
    round = ++rounds[$1]
    # What a smaller sample took is scaled; what comes before its first row is not.
    start = $3 == "-" ? 0 : $2 - $3
    seconds[$1, round] = (start + ($2 - start) * scale[$1]) / 1000
    own[$1, round] = $3 == "-" ? "-" : $3 * scale[$1] / 1000
    memory[$1, round] = $4 / 1024
    client[$1, round] = $5 / 1000
    server[$1, round] = $6 / 1000
    storage[$1, round] = $7 / 1000
}

# The middle of the values of a case; the least and the greatest go to low and high.
function median(values, name,    sorted, count, i, j, value) {
    count = rounds[name]
    for (i = 1; i <= count; i++) {
        value = values[name, i]
        if (value == "-") {
            return "-"
        }
        for (j = i; j > 1 && sorted[j - 1] > value; j--) {
            sorted[j] = sorted[j - 1]
        }
        sorted[j] = value
    }
    low = sorted[1]
    high = sorted[count]
    return count % 2 ? sorted[(count + 1) / 2] : (sorted[count / 2] + sorted[count / 2 + 1]) / 2
}

function fixed(value, digits) {
    return value == "-" ? "-" : sprintf("%." digits "f", value)
}

function line(a, b, c, d, e, f, g, h, i, j) {
    if (markdown == "true") {
        printf "| %s | %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", a, b, c, d, e, f, g, h, i, j
    } else {
        printf "%-13s %8s %13s %9s %7s %9s %6s %8s %9s %12s\n", a, b, c, d, e, f, g, h, i, j
    }
}

END {
    line("case", "seconds", "spread", "load only", "x psql", "rows/s", "MB/s", "RSS MiB", "client s", "server s")
    if (markdown == "true") {
        print "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    }
    for (n = 1; n <= cases; n++) {
        name = order[n]
        for (i = 1; i <= rounds[name]; i++) {
            base = seconds[reference[name], i]
            ratio[name, i] = base == "" ? "-" : base / seconds[name, i]
        }
        times_faster = fixed(median(ratio, name), 2)
        database = own_server == "none" || name ~ /^citus/ ? "-" : fixed(median(server, name), 1)
        emulator = median(storage, name)
        typical = median(seconds, name)
        spread = fixed(low, 1) "-" fixed(high, 1)
        line(name (scale[name] == 1 ? "" : "*"), fixed(typical, 2), spread, fixed(median(own, name), 2), \
            times_faster, fixed(rows[name] / typical, 0), fixed(bytes[name] / typical / 1e6, 0), \
            fixed(median(memory, name), 0), fixed(median(client, name), 1), \
            database (emulator > 0.05 ? " + " fixed(emulator, 1) : ""))
        if (scale[name] != 1) {
            scaled = scaled sprintf("* %s: measured on 1/%.3g of the rows, and scaled\n", name, scale[name])
        }
    }
    printf "%s", scaled
}
