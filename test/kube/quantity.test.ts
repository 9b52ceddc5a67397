import t from 'tap'
import { parseQuantity } from '../../src/kube/index.ts'

const canonical: readonly (readonly [text: string, canonical: string])[] = [
  ['0', '0'],
  ['0m', '0'],
  ['.', '0'],
  ['+', '0'],
  ['1', '1'],
  ['1000', '1k'],
  ['1500000', '1500k'],
  ['100m', '100m'],
  ['0.1', '100m'],
  ['-0.5', '-500m'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['0.1Ki', '102400m'],
  ['1024Ki', '1Mi'],
  ['2048', '2048'],
  ['128Mi', '128Mi'],
  ['1000Ki', '1000Ki'],
  ['-2Ki', '-2Ki'],
  ['1E', '1E'],
  ['1000E', '1'],
  ['1e3', '1e3'],
  ['1000e3', '1e6'],
  ['10e1', '100'],
  ['5e-1', '500e-3'],
  // A text that Kubernetes considers canonical is kept, even if it is unusual.
  ['+100m', '+100m'],
  ['0100m', '0100m'],
  ['1.500', '1.500'],
  ['7Ki', '7Ki'],
  // Finer than a nano is rounded up, away from zero.
  ['0.0000000001', '1n'],
  ['-0.00000000011', '-1n'],
  ['1e-40', '1e-9'],
  ['1.0000000001', '1000000001n'],
  ['9223372036854775807', '9223372036854775807'],
  ['99999999999Gi', '9223372036854775807'],
  ['9.5Ei', '9223372036854775807'],
  ['123456789012345678901234567890', '123456789012345678901234567890'],
]

for (const [text, want] of canonical) {
  t.test(`${text} is ${want}`, async (t) => {
    t.strictSame(parseQuantity(text), { ok: true, canonical: want })
  })
}

const refused: readonly (readonly [text: string, error: RegExp])[] = [
  ['', /match the regular expression/],
  ['1 ', /match the regular expression/],
  ['x', /match the regular expression/],
  ['1.2.3', /match the regular expression/],
  ['1m5x', /match the regular expression/],
  ['1mm', /suffix/],
  ['1e', /suffix/],
  ['1K', /suffix/],
  ['1e+-3', /match the regular expression/],
  ['1e99999999999999999999', /suffix/],
  ['.e-30', /numeric/],
  ['9'.repeat(5000), /numeric/],
]

for (const [text, error] of refused) {
  t.test(`refuses ${JSON.stringify(text.slice(0, 30))}`, async (t) => {
    t.match(parseQuantity(text), { ok: false, error })
  })
}
