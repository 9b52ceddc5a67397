/** The private socket of a server: who can connect, its responses, and errors of opening it. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { AdminSocket, type AdminSubjects, askAdmin, defaultSocketPath } from '../../src/admin/index.ts'

const SUBJECTS: AdminSubjects = new Map([['server', (request) => ({ ready: true, request })]])

/** A socket's path must be short, which those of the test runner's folders may not be. */
function newFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'remora-test-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

async function startSocket(t: Test, path: string, privateFolder = false): Promise<AdminSocket> {
  const socket = new AdminSocket({ path, privateFolder, named: '--admin-socket', subjects: SUBJECTS })
  await socket.start()
  t.teardown(() => socket.close())
  return socket
}

t.test('only the server’s own user can connect', async (t) => {
  const path = join(newFolder(t), 'own', 'admin.sock')
  await startSocket(t, path, true)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(statSync(join(path, '..')).mode & 0o777, 0o700)
  t.match(await askAdmin(path, { about: 'server' }), { ready: true })
})

t.test('a world-accessible folder in a shared place is not used', async (t) => {
  const folder = newFolder(t)
  const [open, linked] = [join(folder, 'open'), join(folder, 'linked')]
  mkdirSync(open)
  chmodSync(open, 0o777)
  symlinkSync(open, linked)
  for (const given of [open, linked]) {
    await t.rejects(startSocket(t, join(given, 'admin.sock'), true), {
      code: 'listen-failed',
      message: /is not private to this user[\s\S]*--admin-socket/,
    })
  }
  await t.resolves(
    startSocket(t, join(open, 'admin.sock')),
    'where an option names it, it is the caller who knows',
  )
})

t.test('a stale socket is replaced, the socket of a running server is not', async (t) => {
  const path = join(newFolder(t), 'admin.sock')
  const first = await startSocket(t, path)
  await t.rejects(startSocket(t, path), {
    code: 'listen-failed',
    message: /another server already listens there/,
  })
  t.match(await askAdmin(path, { about: 'server' }), { ready: true })
  await first.close()
  t.notOk(existsSync(path))
  mkdirSync(join(path, '..'), { recursive: true })
  await t.resolves(startSocket(t, path))
})

t.test('a socket path that is too long is an error that names it', async (t) => {
  const path = join(newFolder(t), 'x'.repeat(100))
  await t.rejects(startSocket(t, path), {
    code: 'listen-failed',
    message: /bytes; the limit of operating systems is 107/,
  })
})

t.test('invalid requests get errors', async (t) => {
  const path = join(newFolder(t), 'admin.sock')
  await startSocket(t, path)
  await t.rejects(askAdmin(path, { about: 'weather' }), {
    code: 'admin-unreachable',
    message: /expected about: server/,
  })
  await t.rejects(askAdmin(path, { action: 'status' }), { message: /started without --capture/ })
  await t.rejects(askAdmin(`${path}.not`, { about: 'server' }), {
    code: 'admin-unreachable',
    message: /there is no such socket/,
  })
  for (const [line, answer] of [
    ['nonsense\n', /expected one JSON object/],
    [`${'x'.repeat(200_000)}`, /^$/],
  ] as const)
    t.match(await rawExchange(path, line), answer)
})

t.test('each metrics port has its own socket', async (t) => {
  t.not(defaultSocketPath(1), defaultSocketPath(2))
  t.match(defaultSocketPath(9090), /remora-[^/]+\/9090\.sock$/)
})

function rawExchange(path: string, line: string): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = createConnection(path, () => socket.write(line))
    socket.on('error', () => undefined)
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
  })
}
