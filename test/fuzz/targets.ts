/** All fuzz targets. Not a test. */
import { cachedPairs } from './cached-pairs.ts'
import { engine } from './engine.ts'
import type { FuzzTarget } from './fuzz-target.ts'
import { hostileConfigurations } from './hostile-configurations.ts'
import { reviewBytes } from './review-bytes.ts'
import { sequences } from './sequences.ts'

export const TARGETS: readonly FuzzTarget[] = [
  engine,
  cachedPairs,
  reviewBytes,
  hostileConfigurations,
  sequences,
]
