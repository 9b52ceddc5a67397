/** The RevisionRollout that `remora rollout plan` writes. */
import { OptionError } from '../config/index.ts'
import { type Snapshot, unknownName } from '../inject/index.ts'
import type { JsonObject } from '../json/index.ts'
import { ROLLOUT_API_VERSION, ROLLOUT_KIND } from '../rollout/index.ts'

/** The sequence of percentages that `remora rollout continue` steps through. */
export const STEPS_ANNOTATION = 'remora.dev/steps'

interface Wanted {
  readonly from: string
  readonly to: string
  readonly name: string | undefined
  readonly steps: readonly string[]
}

/** At 0%, so that applying it moves no workloads. @throws OptionError `option-invalid` */
export function newRollout({ from, to, name, steps }: Wanted, snapshot: Snapshot): JsonObject {
  const unknown = unknownName(from, snapshot)
  if (unknown !== undefined) throw new OptionError('option-invalid', `--from: ${unknown}`)
  if (!snapshot.revisions.has(to)) {
    const known = [...snapshot.revisions.keys()].sort().join(', ') || 'none'
    const what = snapshot.tags.has(to) ? 'is a tag, and a rollout moves to a revision' : 'is not a revision'
    throw new OptionError('option-invalid', `--to: ${JSON.stringify(to)} ${what}; known revisions: ${known}`)
  }
  return {
    apiVersion: ROLLOUT_API_VERSION,
    kind: ROLLOUT_KIND,
    metadata: { name: name ?? `to-${to}`, annotations: { [STEPS_ANNOTATION]: steps.join(',') } },
    spec: {
      from: snapshot.tags.has(from) ? { tag: from } : { revision: from },
      to: { revision: to },
      percent: '0',
    },
  }
}
