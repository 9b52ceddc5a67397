import t from 'tap'
import { showSource } from '../../src/gotemplate/source.ts'

t.test('a position is shown as its line with a caret below, aligned despite tabs', async (t) => {
  t.equal(showSource('a\n\tb {{ c\nd', 5), '2 | \tb {{ c\n  | \t  ^')
  t.equal(showSource('', 0), '1 | \n  | ^')
})

t.test(
  'of a long line only the part around the position is shown, without splitting characters',
  async (t) => {
    const text = `${'x'.repeat(5000)}{{ nope }}${'y'.repeat(5000)}`
    const [line = '', caret = ''] = showSource(text, 5003).split('\n')
    t.ok(line.length < 200, line)
    t.match(line, /^1 \| \.\.\.x+\{\{ nope \}\}y+\.\.\.$/)
    t.equal(line.indexOf('nope'), caret.indexOf('^'))
    t.ok(showSource('😀'.repeat(5000), 5000).isWellFormed())
    t.ok(showSource('😀'.repeat(5000), 5001).isWellFormed())
  },
)
