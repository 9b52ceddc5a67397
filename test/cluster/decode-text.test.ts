/** Files are decoded as UTF-8, and other encodings are reported. */
import t from 'tap'
import { decodeText } from '../../src/cluster/index.ts'

t.test('UTF-8 is decoded, and UTF-16 is reported with a hint', async (t) => {
  t.same(decodeText(Buffer.from('kind: Pod\n')), { ok: true, text: 'kind: Pod\n' })
  const little = Buffer.from('\ufeffkind: Pod\n', 'utf16le')
  t.match(decodeText(little), { ok: false, problem: /UTF-16 \(little-endian\)/ })
  t.match(decodeText(Buffer.from('kind: Pod\n', 'utf16le')), { problem: /UTF-16 \(little-endian\)/ })
  t.match(decodeText(Buffer.from(little).swap16()), { problem: /UTF-16 \(big-endian\)/ })
  t.match(decodeText(Buffer.from([0x61, 0xff, 0x62])), { ok: false, problem: 'it is not UTF-8 text' })
})
