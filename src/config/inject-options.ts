/** The options of every injection, from those of the command. */
import type { InjectOptions } from '../inject/index.ts'
import type { ClusterOptions } from './schema.ts'

export function injectOptionsOf(options: ClusterOptions, cacheBytes?: number): InjectOptions {
  return {
    templateLimits: {
      maxSteps: options['template-max-steps'],
      maxOutput: options['template-max-output'],
      maxAllocated: options['template-max-allocated'],
      maxDepth: options['template-max-depth'],
    },
    labelRevision: options['label-revision'],
    cacheBytes,
  }
}
