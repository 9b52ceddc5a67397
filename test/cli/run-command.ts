/**
 * Runs a command of the executable in this process and keeps what it prints. Lines are not wrapped, so that tests can quote
 * them whole; wrap.test.ts tests the width.
 */
import { runCli } from '../../src/cli/index.ts'

/** Nothing is on its standard input. */
export function runCommand(...args: string[]) {
  return runWithInput(args, '')
}

export async function runWithInput(args: readonly string[], stdin: string) {
  let [out, err] = ['', '']
  const code = await runCli(args, {
    env: { COLUMNS: '100000' },
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    readStdin: async () => stdin,
  })
  return { code, out, err }
}
