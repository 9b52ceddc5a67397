/** The templates for a pod: those in its annotation, else the configuration's defaults, with aliases resolved. */
import { type InjectorConfig, trimGoSpace } from '../istio/index.ts'

/** Aliases are resolved once only; an unknown name stays, and the pod is refused when it is looked up. */
export function selectTemplates(
  injector: Pick<InjectorConfig, 'defaultTemplates' | 'aliases'>,
  annotation: string | undefined,
): readonly string[] {
  const names = annotation === undefined ? injector.defaultTemplates : annotation.split(',').map(trimGoSpace)
  return names.flatMap((name) => injector.aliases.get(name) ?? [name])
}
