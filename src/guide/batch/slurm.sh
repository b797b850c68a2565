#!/bin/sh
# A registry's zones as a Slurm array of eight: sbatch slurm.sh
#SBATCH --job-name=zoneseal
#SBATCH --array=0-7
#SBATCH --cpus-per-task=2
#SBATCH --mem=1G
#SBATCH --time=00:30:00

exec "${ZONESEAL:-zoneseal}" run -q \
  --shard "$SLURM_ARRAY_TASK_ID/8" \
  --threads "${SLURM_CPUS_PER_TASK:-2}" \
  --zones "${ZONES:-zones}" --keys "${KEYS:-keys}" --output "${SIGNED:-signed}"
