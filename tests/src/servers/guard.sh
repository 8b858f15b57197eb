#!/bin/sh
# Looks after one private server on behalf of its owner, and outlives the owner just long enough to clear up.
#
# Usage: guard.sh FOLDER LAST_SIGNAL PREFIX...
# Programs are scripts in FOLDER, run by PREFIX followed by sh. Each line of input is an order, answered by one
# line once it is carried out:
#   run PROGRAM    runs it to its end; answers its exit status
#   start PROGRAM  starts it; answers its process id
#   end SIGNAL     ends what was started last, and waits until it is gone
# The end of the input (the owner is gone, however it went) ends everything with LAST_SIGNAL and removes FOLDER.
folder=$1 last_signal=$2
shift 2
# What was started, the last first.
started=

# Neither a vanished owner nor its terminal may end the guard before it has cleared up.
trap '' HUP INT PIPE
trap clear_up EXIT
trap exit TERM

clear_up() {
    trap '' TERM
    while [ -n "$started" ]; do end "$last_signal"; done
    rm -rf "$folder"
    rmdir "${folder%/*}" 2>/dev/null
}

# shellcheck disable=SC2086  # lists of numbers
end() {
    set -- "$1" $started
    family=$(family_of "$2" "$1")
    kill -s "$1" $2 2>/dev/null
    [ "$1" != KILL ] || kill -s KILL $family 2>/dev/null
    shift 2
    started=$*
    rounds=0
    while any_alive $family; do
        rounds=$((rounds + 1))
        # 30 seconds of patience.
        [ "$rounds" -lt 600 ] || kill -s KILL $family 2>/dev/null
        sleep 0.05
    done
}

# The process ids of $1 and its descendants; before a KILL each is stopped, so that none is born meanwhile.
family_of() {
    [ "$2" != KILL ] || kill -s STOP "$1" 2>/dev/null
    echo "$1"
    children=$(cat "/proc/$1/task/"*/children 2>/dev/null)
    for child in $children; do family_of "$child" "$2"; done
}

# A process has ended when it is gone, or a zombie without further threads: not before has it given back its ports.
any_alive() {
    for process in "$@"; do
        state=$(sed 's/.*) //; s/ .*//' "/proc/$process/stat" 2>/dev/null)
        set -- "/proc/$process/task/"*
        case $state in
        '') ;;
        Z) [ $# -le 1 ] || return 0 ;;
        *) return 0 ;;
        esac
    done
    return 1
}

while read -r order what; do
    case $order in
    run)
        "$@" sh "$folder/$what" >>"$folder/log" 2>&1 </dev/null
        echo $?
        ;;
    start)
        "$@" sh "$folder/$what" >>"$folder/log" 2>&1 </dev/null &
        started="$! $started"
        echo $!
        ;;
    end)
        end "$what"
        echo ended
        ;;
    esac
done
