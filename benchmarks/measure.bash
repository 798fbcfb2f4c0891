# Measures a case, and prints what was measured. Sourced by run.
# shellcheck shell=bash disable=SC2034,SC2154 # the other files set and use the rest

ticks_a_second=$(getconf CLK_TCK)
clients=()

# client COMMAND...: starts a part of a case; the case has ended when all its clients have.
client() {
    "$@" < /dev/null >> "$scratch/client.log" 2>&1 &
    clients+=($!)
}

# Seconds of CPU of a process, of its children that run, and of those that have ended.
cpu_of() {
    local line pid stat total=0
    for stat in /proc/[0-9]*/stat; do
        { read -r line < "$stat"; } 2> /dev/null || continue
        pid=${line%% *}
        # After the name, which may hold anything: state, parent, ... utime, stime, cutime, cstime.
        read -ra fields <<< "${line##*) }"
        if [ "$pid" = "$1" ]; then
            total=$((total + fields[11] + fields[12] + fields[13] + fields[14]))
        elif [ "${fields[1]}" = "$1" ]; then
            total=$((total + fields[11] + fields[12]))
        fi
    done
    printf '%s' "$total"
}

server_ticks() {
    local ticks=0
    if [ -n "$postmaster" ]; then
        ticks=$(cpu_of "$postmaster")
    fi
    printf '%s' "$ticks"
}

storage_ticks() {
    local ticks=0
    if [ -n "$storage" ]; then
        ticks=$(cpu_of "$storage")
    fi
    printf '%s' "$ticks"
}

# Milliseconds of CPU of the clients that have ended; run in the shell that waited for them.
client_milliseconds() {
    local user system
    times > "$scratch/times"
    { read -r _ && read -r user system; } < "$scratch/times"
    client_cpu=$(($(milliseconds "$user") + $(milliseconds "$system")))
}

milliseconds() { # 1m2.345s
    local minutes=${1%m*} seconds=${1#*m}
    seconds=${seconds%s}
    printf '%s' $((minutes * 60000 + 10#${seconds/[.,]/}))
}

# The peak of the memory of all these processes, in KiB, looked at until they have ended.
peak_memory() {
    local pid key value running=true peaks=()
    while $running; do
        running=false
        for pid in "$@"; do
            { kill -0 "$pid" && running=true; } 2> /dev/null || continue
            while read -r key value _; do
                if [ "$key" = VmHWM: ]; then
                    peaks[pid]=$value
                    break
                fi
            done 2> /dev/null < "/proc/$pid/status" || true
        done
        read -r -t 0.1 _ <> <(:) || true
    done
    value=0
    for pid in "${!peaks[@]}"; do
        value=$((value + peaks[pid]))
    done
    printf '%s\n' "$value"
}

# Runs a case once and notes: name, seconds, the load's own seconds, KiB, CPU ms of client, server and storage.
run_case() {
    local name=$1 from to server_from storage_from client_from memory pid ok=true
    reset_case "$name"
    : > "$scratch/client.log"
    clients=()
    server_from=$(server_ticks)
    storage_from=$(storage_ticks)
    client_milliseconds
    client_from=$client_cpu
    from=${EPOCHREALTIME/[.,]/}
    start_case "$name"
    peak_memory "${clients[@]}" > "$scratch/memory" &
    memory=$!
    for pid in "${clients[@]}"; do
        wait "$pid" || ok=false
    done
    to=${EPOCHREALTIME/[.,]/}
    client_milliseconds
    clients=()
    wait "$memory" || true
    $ok || die "$name failed: $(tail -n 3 "$scratch/client.log")"
    local ms=$(((to - from) / 1000)) own=-
    check_rows "$name"
    own_milliseconds "$name"
    echo "$name $ms $own $(< "$scratch/memory") $((client_cpu - client_from))" \
        "$((($(server_ticks) - server_from) * 1000 / ticks_a_second))" \
        "$((($(storage_ticks) - storage_from) * 1000 / ticks_a_second))" >> "$scratch/results"
}

describe_run() {
    echo
    echo "$rows rows, $(stat -L -c %s "$cache/plain-$rows.csv" 2> /dev/null || echo 0) bytes, $rounds rounds;" \
        "$(nproc) cores, $(uname -sm), $(java -version 2>&1 | head -n 1)"
    local database
    for database in $url $citus; do
        sql "$database" -c "SELECT regexp_replace(version(), ' on .*', '')" \
            -c "SELECT string_agg(name || '=' || current_setting(name), ' ' ORDER BY name) FROM pg_settings WHERE name IN
                ('shared_buffers', 'max_wal_size', 'checkpoint_timeout', 'fsync', 'synchronous_commit', 'wal_level')" |
            paste -sd ' '
    done
    echo
}

# Medians of the rounds; the ratio is the median of the ratios of each round.
print_table() {
    local name
    for name in "${!reference[@]}"; do
        echo "$name ${reference[$name]} $(rows_of "$name") $(bytes_of "$name") $(scale_of "$name")"
    done > "$scratch/cases"
    awk -v markdown="$markdown" -v own_server="${postmaster:-none}" -f "$home/benchmarks/table.awk" \
        "$scratch/cases" "$scratch/results"
}
