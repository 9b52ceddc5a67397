/**
 * Writes docs/codes.md from the table of codes: `node scripts/codes-page.ts`. A test compares the page with what
 * this renders, so that the two cannot drift apart.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type CodeEntry, type CodeKind, codes } from '../src/inject/codes.ts'

const sections: readonly (readonly [CodeKind, string, string])[] = [
  ['patched', 'Patched', 'HTTP 200, `allowed: true`, with a patch.'],
  ['skipped', 'Skipped', 'HTTP 200, `allowed: true`, no patch: the pod starts as it was sent.'],
  [
    'refused',
    'Refused',
    'The fault is in the pod, and Istio refuses it too: HTTP 200, `allowed: false`, `status` with code, reason and message. ' +
      'The API server rejects the pod; `failurePolicy` plays no part.',
  ],
  [
    'fault',
    'Faults',
    'Ours, or passing: an HTTP error, which is left to `failurePolicy`. A fault that may pass has `Retry-After`, and the API ' +
      'server tries again. It is asked to do so for 3 seconds at most (less where the timeout of the webhook is shorter). Then, ' +
      'and at once for a lasting fault, the answer has no `Retry-After` and its body is a `v1` Status, so that the user reads ' +
      'the message: client-go prints no text of any other body. A revision or tag that is missing may have been installed a ' +
      'moment ago, so it counts as passing.',
  ],
  [
    'malformed',
    'Malformed requests',
    'What was posted cannot be answered as a review. The body is an AdmissionReview wherever a UID could be read.',
  ],
  [
    'note',
    'Notes',
    'Told beside an outcome (as a warning to the client where it helps, and in the log); they change nothing.',
  ],
  [
    'config-error',
    'Configuration errors',
    'A configuration, an option or a file that does not serve. The last good state goes on serving; a revision that never had one is `revision-unusable`.',
  ],
  [
    'finding',
    'Findings',
    'What only `remora check` says. It gives codes of the other sections too: as errors, or as warnings where they are notes.',
  ],
  [
    'cause',
    'Causes',
    'What was found wrong with a text or a value, told inside the message of one of the codes above.',
  ],
]

/** The whole page, newline at its end. */
export function renderCodesPage(): string {
  const entries: readonly (readonly [string, CodeEntry])[] = Object.entries(codes)
  const lines = [
    '# Codes',
    '',
    'Every outcome, note and error of Remora has a stable code: the same in the answer, the log, the metrics and the command line.',
    'Written by `node scripts/codes-page.ts` from `src/inject/codes.ts`; a test holds both equal.',
    '',
  ]
  for (const [kind, title, intro] of sections) {
    lines.push(`## ${title}`, '', intro, '')
    for (const [code, entry] of entries) {
      if (entry.kind !== kind) continue
      lines.push(`### ${code}`, '', entry.sentence, '')
      const answer = answerOf(entry)
      if (answer !== '') lines.push(answer, '')
      if (entry.fix !== undefined) lines.push(`**Fix:** ${entry.fix}`, '')
    }
  }
  return `${lines.join('\n').trimEnd()}\n`
}

function answerOf(entry: CodeEntry): string {
  if (entry.warns === true) return 'Whoever creates the pod is warned of it.'
  if (entry.severity !== undefined) return `Severity: ${entry.severity}.`
  if (entry.httpStatus === undefined) return ''
  const retry =
    entry.retryAfterSeconds !== undefined
      ? `, \`Retry-After: ${entry.retryAfterSeconds}\` for 3 seconds at most`
      : entry.kind === 'fault'
        ? ' at once (lasting)'
        : ''
  return `HTTP ${entry.httpStatus}${retry}; status ${entry.statusCode} \`${entry.statusReason}\`.`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/codes.md', import.meta.url), renderCodesPage())
}
