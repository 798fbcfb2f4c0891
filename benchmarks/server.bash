# The servers of a benchmark: a PostgreSQL of its own unless one is given, and Azurite. Sourced by run.
# shellcheck shell=bash disable=SC2034,SC2154 # the other files set and use the rest

# The same for all cases, and printed with the table.
server_settings=(
    shared_buffers=512MB max_wal_size=8GB checkpoint_timeout=30min fsync=on synchronous_commit=on max_connections=100
)
schema=citus_ingest_benchmark
postmaster='' storage='' admin='' given_databases=''

# Runs a program of the server, which does not start as root.
as_server() {
    if [ "$(id -u)" = 0 ]; then
        runuser -u postgres -- "$@"
    else
        "$@"
    fi
}

server_programs() {
    local folder
    for folder in "$(dirname "$(command -v initdb || echo /none/initdb)")" "$(pg_config --bindir 2> /dev/null || true)" \
        /usr/lib/postgresql/*/bin; do
        if [ -x "$folder/initdb" ]; then
            printf '%s' "$folder"
            return
        fi
    done
    die "there is no initdb on the PATH, by pg_config or in /usr/lib/postgresql: install PostgreSQL, or name a database with --url"
}

free_port() {
    local port
    while true; do
        port=$((20000 + RANDOM % 12000))
        if ! (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; then
            printf '%s' "$port"
            return
        fi
    done
}

start_server() {
    local port setting
    data=$scratch/server
    programs=$(server_programs)
    port=$(free_port)
    mkdir "$data"
    chmod 711 "$scratch"
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$data"
    fi
    (cd "$data" && as_server "$programs/initdb" -D "$data/db" -U postgres -A trust --encoding=UTF8 --locale=C --no-sync > /dev/null)
    for setting in "${server_settings[@]}" "port=$port" listen_addresses="'127.0.0.1'" unix_socket_directories="''"; do
        echo "$setting"
    done >> "$data/db/postgresql.conf"
    (cd "$data" && as_server "$programs/pg_ctl" -D "$data/db" -l "$data/log" -w -s start) ||
        die "PostgreSQL did not start: $(tail -n 1 "$data/log")"
    read -r postmaster < "$data/db/postmaster.pid"
    admin=postgresql://postgres@127.0.0.1:$port/benchmark
    url=postgresql://loader@127.0.0.1:$port/benchmark
    sql "postgresql://postgres@127.0.0.1:$port/postgres" \
        -c "CREATE ROLE loader LOGIN" -c "CREATE DATABASE benchmark OWNER loader"
}

# sql URL [PSQL_OPTION]...
sql() {
    PGOPTIONS='-c client_min_messages=warning' psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" "${@:2}"
}

# What JDBC calls the database of a URL of psql's; user and password are given apart.
jdbc_url() {
    [[ $1 =~ ^postgres(ql)?://([^@/]*@)?([^/]+/.+)$ ]] ||
        die "a database is named as postgresql://user:password@host:port/db"
    printf 'jdbc:postgresql://%s' "${BASH_REMATCH[3]}"
}

user_of() {
    local user=${1#*://}
    [[ $user == *@* ]] || die "a database is named with its user, as postgresql://user:password@host:port/db"
    user=${user%%@*}
    printf '%s' "${user%%:*}"
}

password_of() {
    local password=${1#*://}
    password=${password%%@*}
    if [[ $password == *:* ]]; then
        printf "%s" "${password#*:}"
    fi
}

prepare_servers() {
    local database
    if [[ " ${names[*]}" != *" citus"* ]]; then
        citus=''
    elif [ -z "$citus" ]; then
        die "the cases of the group citus need a Citus, named with --citus"
    fi
    given_databases="$url $citus"
    if [[ " ${names[*]}" =~ \ [^c]|\ camel ]]; then
        [ -n "$url" ] || start_server
    else
        given_databases=$citus url=''
    fi
    for database in $url $citus; do
        sql "$database" -c "DROP SCHEMA IF EXISTS $schema CASCADE" -c "CREATE SCHEMA $schema"
    done
}

# start_storage CONTAINER=FILE_OR_FOLDER...
start_storage() {
    mkfifo "$scratch/storage-end"
    java -cp "$home/target/citus-ingest.jar" "$home/benchmarks/Storage.java" "$home/target/azurite" \
        "$scratch/azurite" "$@" > "$scratch/storage" < "$scratch/storage-end" &
    storage=$!
    exec {storage_end}> "$scratch/storage-end"
    until [ -s "$scratch/storage" ]; do
        kill -0 "$storage" 2> /dev/null || die "Azurite did not start, see above"
        sleep 0.2
    done
    connection_string=$(< "$scratch/storage")
}

clean_up() {
    local client database
    trap '' INT TERM
    for client in "${clients[@]}"; do
        kill "$client" 2> /dev/null || true
        wait "$client" 2> /dev/null || true
    done
    for database in $given_databases; do
        forget_loads "$database" > /dev/null 2>&1 || true
        sql "$database" -c "DROP SCHEMA IF EXISTS $schema CASCADE" || true
    done
    if [ -n "$storage" ]; then
        # Killed while it starts Azurite, it leaves that running.
        # shellcheck disable=SC2046 # a list of ids
        kill "$storage" $(cat "/proc/$storage/task/"*/children) 2> /dev/null || true
        wait "$storage" 2> /dev/null || true
    fi
    if [ -n "$postmaster" ]; then
        (cd "$data" && as_server "$programs/pg_ctl" -D "$data/db" -m immediate -w -s stop) || true
    fi
    rm -rf "$scratch"
}
