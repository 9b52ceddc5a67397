/** `remora inject --dry-run=server`: whether the API server would accept what is about to be printed. */
import type { JsonObject } from '../json/index.ts'
import type { DryRunVerdict } from '../kube/index.ts'
import type { CommandIo } from './command.ts'
import { askServer, type DryRunOptions } from './dry-run.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { type Text, text } from './text.ts'

export interface InjectedManifest {
  /** `Deployment shop/web`. */
  readonly subject: string
  readonly namespace: string
  /** As it is created for the dry run. */
  readonly pod: JsonObject
}

/** Reports each verdict on standard error. Success: all pods are accepted, so the manifests may be printed. */
export async function judgeManifests(
  manifests: readonly InjectedManifest[],
  { options, io }: { readonly options: DryRunOptions; readonly io: CommandIo },
): Promise<ExitCode> {
  if (options['dry-run'] === 'none' || manifests.length === 0) return EXIT.success
  // A file may contain the same name twice.
  const pods = manifests.map(({ namespace, pod }, index) => ({
    key: String(index),
    namespace,
    pod: () => pod,
  }))
  const verdicts = await askServer(pods, options, io)
  const found = manifests.map(({ subject }, index) => ({ subject, verdict: verdicts.get(String(index)) }))
  for (const { subject, verdict } of found)
    for (const line of verdict === undefined ? [] : linesOf(verdict)) io.err(text`${subject}: ${line}\n`)
  const some = (kind: DryRunVerdict['kind']) => found.some(({ verdict }) => verdict?.kind === kind)
  if (some('refused')) return EXIT.negative
  return some('not-judged') ? EXIT.noResult : EXIT.success
}

function linesOf(verdict: DryRunVerdict): readonly Text[] {
  switch (verdict.kind) {
    case 'accepted':
      return verdict.warnings.map((warning) => text`note api-server-warns: ${warning}`)
    case 'refused':
      return verdict.problems.map(
        ({ field, message }) =>
          text`api-server-refuses-pod: ${field === undefined ? '' : `${field}: `}${message}`,
      )
    case 'not-judged':
      return [text`dry-run-not-judged: ${verdict.why}`]
  }
}
