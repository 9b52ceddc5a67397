/**
 * Writes docs/codes.md from the table of codes: `node scripts/codes-page.ts`. A test compares the page with the output.
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
    'The pod has an error, and Istio refuses it too: HTTP 200, `allowed: false`, and a `status` with code, reason and message. ' +
      'The API server rejects the pod; `failurePolicy` has no effect.',
  ],
  [
    'fault',
    'Faults',
    'Remora or its configuration has an error. The response is an HTTP error, so the API server applies `failurePolicy`. A temporary ' +
      'fault has `Retry-After`, and the API server tries again for at most 3 seconds (less if the timeout of the webhook is ' +
      'shorter). After that, and at once for a permanent fault, the response has no `Retry-After`. Its body is then a `v1` Status, ' +
      'because client-go shows the user no message in any other form. A missing revision or tag may have been installed a ' +
      'moment ago, so it counts as temporary.',
  ],
  [
    'malformed',
    'Malformed requests',
    'The request is not a valid review. The body of the response is an AdmissionReview if the UID could be read.',
  ],
  [
    'note',
    'Notes',
    'Notes accompany an outcome and never change it. They are in the log, and some of them are also warnings to the client.',
  ],
  [
    'config-error',
    'Configuration errors',
    'An invalid configuration, option or file. The last valid state stays in use. A revision that never had one is `revision-unusable`.',
  ],
  [
    'finding',
    'Findings',
    '`remora check`, `explain`, `preview` and `status` report these, and a running server reports [some of them](check.md#in-a-running-server). ' +
      '`check` also reports notes, as warnings, and codes of the other sections, as errors.',
  ],
  ['cause', 'Causes', 'An error in a text or a value. The message of one of the codes above contains it.'],
]

/** The whole page with a final newline. */
export function renderCodesPage(): string {
  const entries: readonly (readonly [string, CodeEntry])[] = Object.entries(codes)
  const lines = [
    '# Codes',
    '',
    'Every outcome, note and error of Remora has a stable code, which is the same in responses, the log, metrics and commands.',
    '`node scripts/codes-page.ts` generates this page from the tables in `src/inject/codes.ts` and `src/inject/codes-*.ts`.',
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
  if (entry.warns === true) return 'The client that creates the pod gets a warning.'
  if (entry.severity !== undefined) return `Severity: ${entry.severity}.`
  if (entry.httpStatus === undefined) return ''
  const retry =
    entry.retryAfterSeconds !== undefined
      ? `, \`Retry-After: ${entry.retryAfterSeconds}\` for at most 3 seconds`
      : entry.kind === 'fault'
        ? ' at once (permanent)'
        : ''
  return `HTTP ${entry.httpStatus}${retry}; status ${entry.statusCode} \`${entry.statusReason}\`.`
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../docs/codes.md', import.meta.url), renderCodesPage())
}
