/** Owns: `remora status`: what a running server says of itself. 0: ready; 1: not ready; 2: it cannot be asked. */
import { askAdmin, defaultSocketPath } from '../admin/index.ts'
import { commandHelp, readOptions, STATUS_OPTIONS } from '../config/index.ts'
import { own } from '../json/index.ts'
import type { Command } from './command.ts'
import { couldNotTell } from './could-not-tell.ts'
import { choosePaint } from './paint.ts'
import { statusText } from './status-text.ts'
import { jsonData, ownText } from './text.ts'

const DESCRIPTION = {
  name: 'status',
  summary: "print a running server's own state: readiness, revisions, tags, problems, certificate",
  options: STATUS_OPTIONS,
}

export const statusCommand: Command = {
  name: DESCRIPTION.name,
  summary: DESCRIPTION.summary,
  options: DESCRIPTION.options,
  help: () => commandHelp(DESCRIPTION),
  async run(args, io) {
    const options = readOptions(STATUS_OPTIONS, { args, env: io.env })
    if (options.help === true) {
      io.out(ownText(commandHelp(DESCRIPTION)))
      return 0
    }
    try {
      const path = options['admin-socket'] ?? defaultSocketPath(options['metrics-port'])
      const state = await askAdmin(path, { about: 'server' })
      io.out(options.output === 'json' ? jsonData(state, 2) : statusText(state, choosePaint(io)))
      return own(state, 'ready') === true ? 0 : 1
    } catch (error) {
      throw couldNotTell(error)
    }
  },
}
