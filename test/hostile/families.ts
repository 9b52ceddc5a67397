/** The files with the cases of each family. Each is loaded on demand, because a process runs one case. */
import type { Family, HostileCase } from './hostile-case.ts'

export async function casesOf(family: Family): Promise<readonly HostileCase[]> {
  switch (family) {
    case 'annotations':
      return (await import('./annotation-cases.ts')).annotationCases
    case 'pods':
      return (await import('./pod-cases.ts')).podAndReviewCases
    case 'templates':
      return (await import('./template-cases.ts')).templateAndExpressionCases
  }
}
