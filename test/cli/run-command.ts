/** Runs a command of the executable in this process, with nothing on its standard input, and keeps what it says. */
import { runCli } from '../../src/cli/index.ts'

export async function runCommand(...args: string[]) {
  let [out, err] = ['', '']
  const code = await runCli(args, {
    env: {},
    out: (text) => {
      out += text
    },
    err: (text) => {
      err += text
    },
    readStdin: async () => '',
  })
  return { code, out, err }
}
