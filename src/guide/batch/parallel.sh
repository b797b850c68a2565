#!/bin/sh
# A registry's zones in eight parts by GNU parallel, on the machines of the file "hosts" or, without it, on this
# one. Ends with as many as there are parts that failed, as parallel does.
set -eu

where=
if [ -e hosts ]; then where="--sshloginfile hosts --workdir $PWD"; fi
# shellcheck disable=SC2086 # two words and their values
exec parallel $where --halt never --line-buffer \
  "${ZONESEAL:-zoneseal} run -q --shard {}/8 --zones ${ZONES:-zones} --keys ${KEYS:-keys} --output ${SIGNED:-signed}" \
  ::: 0 1 2 3 4 5 6 7
