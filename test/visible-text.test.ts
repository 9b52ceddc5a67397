/** Characters that a terminal acts on are escaped, JSON keeps its data, and quotes are short. */
import t from 'tap'
import { LONGEST_QUOTE, quoteText, visibleJson, visibleText } from '../src/visible-text.ts'

const UNSAFE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}]/u

t.test('unsafe code units and tag characters are escaped, and other text stays', async (t) => {
  const wrong: number[] = []
  for (let code = 0; code < 0x10000; code++) {
    const shown = visibleText(`a${String.fromCharCode(code)}b`)
    if (UNSAFE.test(shown) || (code >= 0x20 && code < 0x7f && shown.length !== 3)) wrong.push(code)
  }
  t.same(wrong, [])
  t.equal(visibleText('\u{e0041}'), '\\u{e0041}')
  t.equal(visibleText('Käse 汉字 🎉'), 'Käse 汉字 🎉', 'what is only foreign stays')
  const hostile = '\u001b]52;c;ZXZpbA==\u0007\u009b2J\u202e\u200b\r\n\t\u2028'
  t.equal(visibleText(hostile), '\\x1b]52;c;ZXZpbA==\\x07\\x9b2J\\u{202e}\\u{200b}\\r\\n\\t\\u{2028}')
  t.equal(visibleText(visibleText(hostile)), visibleText(hostile), 'applied twice')
})

t.test('escaping JSON keeps its data', async (t) => {
  const value = { 'k\u009b': ['\u202e\u200b\u007f\u2028\u{e0041}', 'line\nbreak\u001b'] }
  const shown = visibleJson(JSON.stringify(value, undefined, 2))
  t.same(JSON.parse(shown), value)
  t.notOk(UNSAFE.test(shown.replaceAll('\n', '')))
})

t.test('a quote is one line of at most 80 characters of the text', async (t) => {
  t.equal(quoteText('a"b'), '"a\\"b"')
  t.equal(quoteText('x'.repeat(LONGEST_QUOTE)), `"${'x'.repeat(LONGEST_QUOTE)}"`)
  t.equal(quoteText('x'.repeat(LONGEST_QUOTE + 1)), `"${'x'.repeat(LONGEST_QUOTE - 3)}..."`)
  t.equal(quoteText(`${'x'.repeat(76)}🎉🎉🎉🎉`), `"${'x'.repeat(76)}\ufffd..."`, 'no half character')
  t.equal(quoteText('\u001b[2J\n'), '"\\u001b[2J\\n"')
})
