/** A refusal because of a template's output names the line, the expression and the value behind it. */
import t from 'tap'
import { inject, type Outcome } from '../../src/inject/index.ts'
import type { JsonObject } from '../../src/json/index.ts'
import { pod, requestFor, revision, snapshotOf } from './revision-fixture.ts'

const global = {
  hub: 'hub',
  tag: '1',
  ranges: '10.0.0.0/8\\,192.168.0.0/16',
  quoted: 'a"b',
  word: 'abc',
  map: { key: 'x' },
}

function refuse(sidecar: string, metadata: JsonObject = {}): Outcome & { readonly message?: string } {
  const config = revision({ values: { global }, templates: { sidecar } })
  return inject(requestFor(pod(metadata)), snapshotOf(config))
}

t.test('invalid YAML is explained with the rendered line and the source of the value', async (t) => {
  const rows: readonly (readonly [template: string, line: number, says: readonly string[]])[] = [
    [
      'spec:\n  args:\n  - "{{ .Values.global.ranges }}"\n',
      3,
      [
        'invalid YAML at line 3',
        'the line is `- "10.0.0.0/8\\,192.168.0.0/16"`',
        'line 3 of the template causes it: {{ .Values.global.ranges }}',
        'the value comes from global.ranges of the values',
      ],
    ],
    [
      'a: 1\n{{ with .Values.global }}\nb: "{{ .quoted }}"\n{{ end }}',
      3,
      ['{{ .quoted }}', 'global.quoted of'],
    ],
    ['{{ $x := .Values.global.quoted }}\nb: "{{ $x }}"\n', 2, ['{{ $x }}', 'global.quoted of the values']],
    [
      '{{ range $k, $v := .Values.global }}\n{{ $k }}: "{{ $v }}"\n{{ end }}',
      2,
      ['{{ $v }}', 'comes from global.quoted of the values'],
    ],
    // The parser stops after the expression's own lines.
    [
      'a:\n  b:\n  {{ toYaml .Values.global.map | nindent 0 }}\n  c: 1',
      3,
      ['global.map of the values', '`c: 1`'],
    ],
    // The text of the template itself is at fault.
    [
      'a: {{ .Values.global.tag }}\nb: [1,\n',
      2,
      ['the last line before it is `b: [1,`', 'line 2 of the template'],
    ],
  ]
  for (const [template, line, says] of rows) {
    const outcome = refuse(template)
    t.match(outcome, { code: 'template-output-invalid', place: { template: 'sidecar', line } }, template)
    for (const text of says) t.ok(outcome.message?.includes(text), `${text} in ${outcome.message}`)
  }
  t.notMatch(refuse(rows[5]?.[0] ?? ''), { message: /causes it/ }, 'no value is blamed')
})

t.test('an annotation of the pod is named only if the pod has it', async (t) => {
  const template = 'a: "{{ annotation .ObjectMeta `x.example/ranges` .Values.global.ranges }}"\n'
  t.match(refuse(template), { message: /the value comes from global\.ranges of the values$/ })
  t.match(refuse(template, { annotations: { 'x.example/ranges': '1"2' } }), {
    message: /the value comes from the pod annotation x\.example\/ranges$/,
  })
})

t.test('a value of the wrong type for its field is explained with its source', async (t) => {
  t.match(
    refuse(
      'spec:\n  containers:\n  - name: app\n  - name: p\n    ports:\n    - containerPort: {{ .Values.global.word }}\n',
    ),
    {
      code: 'overlay-failed',
      place: { template: 'sidecar', line: 6 },
      message:
        /spec\.containers\[\d\]\.ports\[0\]\.containerPort: found a string, expected an integer of 32 bits; the line is `- containerPort: abc`; line 6 of the template writes into it: \{\{ \.Values\.global\.word \}\}; the value comes from global\.word of the values$/,
    },
  )
  t.match(refuse('spec: {containers: 5}'), { message: /spec\.containers: found a number, expected a list/ })
})

t.test('a template that changes its data is not executed again', async (t) => {
  t.match(refuse('{{ $_ := set .Values "n" "\\"" }}a: "{{ .Values.n }}"\n'), {
    code: 'template-output-invalid',
    message: /the line is `a: """`$/,
  })
})

t.test('long lines are truncated around the error, and long expressions at their end', async (t) => {
  const outcome = refuse(
    `a: ["${'x'.repeat(300)}", "{{ printf "%s%s" .Values.global.ranges "${'y'.repeat(300)}" }}"]\n`,
  )
  t.ok((outcome.message ?? '').length < 700, outcome.message ?? '')
})
