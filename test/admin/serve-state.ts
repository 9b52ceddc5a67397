/** A server's admin socket with a given state, for tests of `remora status`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { AdminSocket } from '../../src/admin/index.ts'
import type { JsonObject } from '../../src/json/index.ts'

/** @returns the socket's path, which must be short; those of the test runner's folders may not be */
export async function serveState(t: Test, state: JsonObject): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'remora-test-'))
  const path = join(folder, 'admin.sock')
  const subjects = new Map([['server', () => state]])
  const socket = new AdminSocket({ path, privateFolder: false, named: '--admin-socket', subjects })
  await socket.start()
  t.teardown(async () => {
    await socket.close()
    rmSync(folder, { recursive: true })
  })
  return path
}
