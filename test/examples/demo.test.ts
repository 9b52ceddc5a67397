import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'

const script = new URL('../../scripts/demo.ts', import.meta.url).pathname

t.test('the demo shows every sample pod and the upgrade, and cleans up', async (t) => {
  const temporary = mkdtempSync(join(tmpdir(), 'remora-demo-test-'))
  t.teardown(() => rmSync(temporary, { recursive: true }))
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    cwd: temporary,
    env: { PATH: process.env['PATH'], TMPDIR: temporary, NO_COLOR: '1' },
    timeout: 600_000,
  })
  t.match(
    stdout,
    /^test-ns\/web +istio-injection=enabled +namespace +injected +default +istiod\.istio-system\.svc +\d+ +\d+$/m,
  )
  t.match(stdout, /^stranded\/mailer +istio\.io\/rev=canary-old +revision-not-installed +\d+$/m)
  t.match(stdout, /^\+ {5}- istio-proxy$/m)
  t.match(stdout, /existing, unchanged .* -> {2}istiod\.istio-system\.svc:15012$/m)
  t.match(stdout, /recreated .* -> {2}istiod-canary\.istio-system\.svc:15012$/m)
  t.match(stdout, /\nAll 17 pods and the upgrade are as expected\.\n$/)
  t.ok(Math.max(...stdout.split('\n').map((line) => line.length)) <= 120, 'fits a terminal of 120 columns')
  t.same(readdirSync(temporary), [], 'no file is left')
  const shown = new Set(stdout.split('\n').map(withoutTimes))
  const stale = linesOfReadme().filter((line) => !shown.has(withoutTimes(line)))
  t.same(stale, [], "the README's first screen shows lines of this very output")
})

/** What the README shows of the demo, without the command itself and what it leaves out. */
function linesOfReadme(): readonly string[] {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const block = /\n\$ npm ci && npm run demo\n([\s\S]*?)\n```\n/.exec(readme)?.[1] ?? 'no such block'
  return block.split('\n').filter((line) => line !== '...')
}

/**
 * The last column of a pod's row is its microseconds, as wide as the longest of them; a relabelling says after how many
 * milliseconds it was seen.
 */
function withoutTimes(line: string): string {
  return line.replace(/ +(\d+( ms)?|µs)$/, '')
}
