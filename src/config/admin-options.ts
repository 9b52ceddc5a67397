/** Owns: the options of the commands that ask a running server: `remora status` and `remora admin`. */
import { CAPTURE_FILTER_OPTIONS, CAPTURE_OPTIONS } from './capture-options.ts'
import { ADMIN_SOCKET, HELP, METRICS_PORT } from './command-options.ts'
import type { OptionTable, Values } from './option.ts'
import { JSON_FLAG, outputOption } from './output-options.ts'

/** Which running server is asked. */
const ASKED_SERVER = {
  'admin-socket': {
    ...ADMIN_SOCKET,
    help: 'the Unix socket of the server; default: the one that a server with this --metrics-port has',
  },
  'metrics-port': {
    ...METRICS_PORT,
    help: "the server's port of probes, which its default socket is named after",
  },
} as const satisfies OptionTable

export const ADMIN_OPTIONS = {
  capture: {
    ...CAPTURE_OPTIONS.capture,
    help: 'the folder that the server records into, whose socket is asked instead of the admin socket',
  },
  ...ASKED_SERVER,
  ...CAPTURE_FILTER_OPTIONS,
  output: outputOption('text', 'json'),
  json: JSON_FLAG,
  help: HELP,
} as const satisfies OptionTable

export const STATUS_OPTIONS = {
  ...ASKED_SERVER,
  output: outputOption('text', 'json'),
  help: HELP,
} as const satisfies OptionTable

export type StatusOptions = Values<typeof STATUS_OPTIONS>
export type AdminOptions = Values<typeof ADMIN_OPTIONS>
