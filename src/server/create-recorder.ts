/** Creates the recorder from the options. */
import { captureFilterOf, Recorder } from '../capture/index.ts'
import type { ServeOptions } from '../config/index.ts'
import type { InjectOptions } from '../inject/index.ts'
import type { Logger } from '../observe/index.ts'

interface RecorderParts {
  readonly logger: Logger
  readonly version: string
  /** The options of the recorded injections. */
  readonly inject: InjectOptions
}

/** Undefined if captures are disabled. */
export function createRecorder(
  options: ServeOptions,
  { logger, version, inject }: RecorderParts,
): Recorder | undefined {
  const { capture: folder } = options
  if (folder === undefined) return undefined
  const raw = options['capture-raw']
  if (raw) logger.warn({ folder }, 'reviews are recorded unredacted, including secrets')
  return new Recorder({
    folder,
    maxReviews: options['capture-reviews'],
    maxBytes: options['capture-bytes'],
    raw,
    configurations: options['capture-configurations'],
    filter: captureFilterOf(options),
    inject,
    version,
    onProblem: (message) => logger.warn({ problem: message }, 'capture problem'),
  })
}
