import t from 'tap'
import { parseTime } from '../../src/kube/index.ts'

const canonical: readonly (readonly [text: string, canonical: string | null])[] = [
  ['2024-02-29T12:34:56Z', '2024-02-29T12:34:56Z'],
  ['2024-01-01T00:30:00+01:00', '2023-12-31T23:30:00Z'],
  ['2024-12-31T23:30:00-01:30', '2025-01-01T01:00:00Z'],
  ['2024-03-01T00:00:00.999999999Z', '2024-03-01T00:00:00Z'],
  ['2024-03-01T00:00:00,5+24:00', '2024-02-29T00:00:00Z'],
  ['2000-02-29T1:02:03Z', '2000-02-29T01:02:03Z'],
  ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00Z'],
  ['0001-01-01T00:00:00Z', null],
  ['0001-01-01T02:00:00+02:00', null],
]
for (const [text, want] of canonical) {
  t.test(`${text} is ${want}`, async (t) => {
    t.strictSame(parseTime(text), { ok: true, canonical: want })
  })
}

const layout = '2006-01-02T15:04:05Z07:00'
const refused: readonly (readonly [text: string, error: string])[] = [
  ['bad', `parsing time "bad" as "${layout}": cannot parse "bad" as "2006"`],
  ['2024', `parsing time "2024" as "${layout}": cannot parse "" as "-"`],
  ['2024-13-01T00:00:00Z', 'parsing time "2024-13-01T00:00:00Z": month out of range'],
  ['2023-02-29T00:00:00Z', 'parsing time "2023-02-29T00:00:00Z": day out of range'],
  ['1900-02-29T00:00:00Z', 'parsing time "1900-02-29T00:00:00Z": day out of range'],
  ['2023-04-31T00:00:00Z', 'parsing time "2023-04-31T00:00:00Z": day out of range'],
  ['2023-04-30T24:00:00Z', 'parsing time "2023-04-30T24:00:00Z": hour out of range'],
  ['2023-04-30T00:00:00', `parsing time "2023-04-30T00:00:00" as "${layout}": cannot parse "" as "Z07:00"`],
  [
    '2023-04-30T00:00:00+1:00',
    `parsing time "2023-04-30T00:00:00+1:00" as "${layout}": cannot parse "+1:00" as "Z07:00"`,
  ],
  [
    '2023-04-30T00:00:00+25:00',
    'parsing time "2023-04-30T00:00:00+25:00": time zone offset hour out of range',
  ],
  [
    '2023-04-30T00:00:00+23:61',
    'parsing time "2023-04-30T00:00:00+23:61": time zone offset minute out of range',
  ],
  ['2023-04-30T00:00:00Z!', 'parsing time "2023-04-30T00:00:00Z!": extra text: "!"'],
]
for (const [text, error] of refused) {
  t.test(`refuses ${text}`, async (t) => {
    t.strictSame(parseTime(text), { ok: false, error })
  })
}
