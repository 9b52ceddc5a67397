/** The inputs that a rule can need besides the snapshot: kinds of objects, and the API server's verdicts about pods. */
import type { ObjectKind } from '../../kube/index.ts'

/** What the API server says about the injected pods, for which a command must ask: `--dry-run=server`. */
export const DRY_RUN = 'dry-run'

export type Need = ObjectKind | typeof DRY_RUN

export function kindsAmong(needs: readonly Need[]): readonly ObjectKind[] {
  return needs.filter((need) => need !== DRY_RUN)
}
