/**
 * The page of a preview in a real browser: it is complete, loads and runs nothing, and shows names of the cluster as
 * text.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { escapeHtml, html, withBreaks, withCode } from '../../src/cli/html.ts'
import { openPage, skipWithoutBrowser } from '../browser/chromium.ts'
import { HOSTILE, previewCluster } from './preview-cluster.ts'
import { runCommand } from './run-command.ts'

t.test('interpolated values are escaped unless they are HTML', async (t) => {
  const evil = `<b title='x' a="y">&`
  t.equal(html`<p>${evil}</p>`.html, '<p>&lt;b title=&#39;x&#39; a=&quot;y&quot;&gt;&amp;</p>')
  t.equal(html`${html`<i>${1}</i>`}${['<', html`<b></b>`, undefined]}`.html, '<i>1</i>&lt;<b></b>')
  t.equal(html`${'\u0000a\u001b[31m\n'}`.html, '\\x00a\\x1b[31m\\n')
  t.equal(withCode('a `<b>` c').html, 'a <code>&lt;b&gt;</code> c')
  t.equal(withBreaks('a.b[<c>]').html, 'a<wbr>.b<wbr>[&lt;c&gt;]')
})

async function writePage(t: Test): Promise<string> {
  const folder = previewCluster(t)
  const page = join(folder, 'preview.html')
  const { code, err } = await runCommand('preview', '--to', 'canary', '--cluster', folder, '--html', page)
  t.equal(err, '')
  t.equal(code, 0)
  return page
}

t.test('the page is one file without scripts and external links, and its policy forbids both', async (t) => {
  const text = readFileSync(await writePage(t), 'utf8')
  t.match(
    text,
    /Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:"/,
  )
  t.notMatch(text, /<script|<img|<iframe|<link rel="stylesheet"|@import|url\(|https?:|javascript:/i)
  t.notMatch(text, HOSTILE)
  t.equal(text.split(escapeHtml(HOSTILE)).length - 1, 5, 'thrice as a name, twice in a message')
})

t.test('a browser renders the page without errors', { skip: skipWithoutBrowser() }, async (t) => {
  const file = await writePage(t)
  for (const scheme of ['light', 'dark'] as const) {
    const page = await openPage(file, scheme)
    try {
      t.same(
        page.requests.filter((url) => !url.startsWith('data:')).length,
        1,
        'nothing but the page is loaded',
      )
      t.same(page.complaints, [])
      t.equal(await page.evaluate('document.scripts.length'), 0)
      const rows = await page.evaluate(
        "[...document.querySelectorAll('#workloads + .card tbody')].map((group) => [...group.rows].map((row) => [...row.cells].map((cell) => cell.innerText)).map((cells) => cells.length === 1 ? cells[0] : cells[0] + ': ' + cells[3]))",
      )
      const groups = new Map((rows as string[][]).map(([namespace, ...members]) => [namespace, members])) // texts of the cells
      t.equal(
        groups.get('test-ns')?.[0],
        'Deployment bad: would still fail',
        'the worst of a namespace first',
      )
      t.same(groups.get('stranded'), ['Deployment mailer: would gain a sidecar'])
      t.same(groups.get('checkout'), ['Deployment cart: would change'])
      t.match(
        await page.evaluate("document.querySelector('.made').innerText"),
        /^Made \d{4}-\d\d-\d\d \d\d:\d\d UTC from cluster .* by Remora \d+\.\d+\.\d+/,
      )
      const shown = await page.evaluate('document.body.innerText')
      t.ok(String(shown).includes(HOSTILE), 'what looks like markup is shown as it is')
      t.match(shown, 'kubectl label namespace test-ns istio-injection- istio.io/rev=canary')
      t.equal(await page.evaluate("document.querySelectorAll('.fields tbody tr').length > 20"), true)
      t.same(
        await page.evaluate(
          "[...document.querySelectorAll('a')].filter((link) => document.querySelector(link.hash) === null).map(String)",
        ),
        [],
        'every link leads somewhere on the page',
      )
      const background = await page.evaluate('getComputedStyle(document.body).backgroundColor')
      t.equal(background, scheme === 'light' ? 'rgb(246, 247, 249)' : 'rgb(18, 22, 29)')
      t.equal(
        await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
        true,
        'it fits the window',
      )
      const picture = await page.screenshot()
      t.ok(picture.length > 20_000)
      writeFileSync(join(file, `../${scheme}.png`), picture)
    } finally {
      await page.close()
    }
  }
})

t.test(
  'both values of every difference are visible on a phone',
  { skip: skipWithoutBrowser() },
  async (t) => {
    const page = await openPage(await writePage(t), 'light', 400)
    try {
      t.equal(await page.evaluate('innerWidth'), 400)
      t.equal(await page.evaluate('document.documentElement.scrollWidth <= 400'), true, 'it fits the window')
      const outside = `[...document.querySelectorAll('.fields td.old, .fields td.new, .stack td')]
      .map((cell) => cell.getBoundingClientRect())
      .filter(({ left, right, width, height }) => left < 0 || right > 400 || width < 40 || height === 0).length`
      t.equal(await page.evaluate(outside), 0, 'no cell is cut off')
      t.equal(
        await page.evaluate(`getComputedStyle(document.querySelector('.fields .old'), '::before').content`),
        '"before "',
      )
      t.ok((await page.screenshot()).length > 10_000)
    } finally {
      await page.close()
    }
  },
)
