/** The filter of a recording, from the options of the command line. */
import type { CaptureFilterOptions } from '../config/index.ts'
import type { CaptureFilter } from './filter.ts'

export function captureFilterOf(options: CaptureFilterOptions): CaptureFilter {
  return {
    namespaces: options['capture-namespace'],
    workloads: options['capture-workload'],
    revisions: options['capture-revision'],
    codes: options['capture-code'],
    failuresOnly: options['capture-failures-only'],
    samplePercent: options['capture-sample'],
  }
}
