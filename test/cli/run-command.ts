/** Runs a command of the executable in this process and keeps what it prints. */
import { runCli } from '../../src/cli/index.ts'

/** Nothing is on its standard input. */
export function runCommand(...args: string[]) {
  return runWithInput(args, '')
}

export async function runWithInput(args: readonly string[], stdin: string) {
  let [out, err] = ['', '']
  const code = await runCli(args, {
    env: {},
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
