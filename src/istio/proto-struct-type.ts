/**
 * Istio's messages as Go templates see them: struct pointers with Go's field names, getters that work on nil,
 * enums with a String method, oneofs as interfaces. The backing is the message object itself; nothing is copied.
 */
import {
  boolType,
  bytesType,
  type FieldSpec,
  float32Type,
  float64Type,
  GoFunctionError,
  type GoType,
  type GoValue,
  type InterfaceType,
  int32Type,
  int64Type,
  type MethodSpec,
  mapOf,
  namedScalar,
  PointerValue,
  pointerTo,
  readField,
  type ScalarType,
  ScalarValue,
  StructType,
  StructValue,
  sliceOf,
  stringType,
  uint32Type,
  uint64Type,
  zeroOf,
} from '../gotemplate/index.ts'
import { durationNanos, formatNanos } from './duration.ts'
import type { ProtoMessage } from './proto-message.ts'
import { enumDescriptor, type FieldRow, type ProtoSchema } from './proto-schema.ts'

/** The Go types of one release's messages, made on demand and kept with its schema. */
const typesBySchema = new WeakMap<ProtoSchema, ProtoTypes>()

/** By struct type: which message its backing is. */
const messageNames = new WeakMap<StructType, string>()

function typesOf(schema: ProtoSchema): ProtoTypes {
  let types = typesBySchema.get(schema)
  if (types === undefined) {
    types = new ProtoTypes(schema)
    typesBySchema.set(schema, types)
  }
  return types
}

/** The struct type of a message: `protoStructType(schema, 'mesh.ProxyConfig')`. */
export function protoStructType(schema: ProtoSchema, name: string): StructType {
  return typesOf(schema).struct(name)
}

/** A message as the pointer that a template gets; nil where it is undefined. */
export function protoPointer(
  schema: ProtoSchema,
  name: string,
  message: ProtoMessage | undefined,
): PointerValue {
  const type = typesOf(schema).struct(name)
  return new PointerValue(
    pointerTo(type),
    message === undefined ? undefined : new StructValue(type, message, true),
  )
}

export interface PointedMessage {
  /** `mesh.ProxyConfig` */
  readonly name: string
  /** undefined for a nil pointer. */
  readonly message: ProtoMessage | undefined
}

/** What a pointer made here points at; undefined for every other value. */
export function pointedMessage(value: GoValue): PointedMessage | undefined {
  if (!(value instanceof PointerValue) || value.type.elem.kind !== 'struct') return undefined
  const name = messageNames.get(value.type.elem)
  if (name === undefined) return undefined
  // The backing of such a struct is always a message object; a struct without one is the zero message.
  const message =
    value.target instanceof StructValue ? ((value.target.backing ?? {}) as ProtoMessage) : undefined
  return { name, message }
}

class ProtoTypes {
  readonly #schema: ProtoSchema
  readonly #structs = new Map<string, StructType>()
  readonly #enums = new Map<string, ScalarType>()

  constructor(schema: ProtoSchema) {
    this.#schema = schema
  }

  struct(name: string): StructType {
    let type = this.#structs.get(name)
    if (type === undefined) {
      const { goType } = name === 'opaque' ? { goType: 'struct {}' } : this.#schema.message(name)
      type = new StructType(
        goType,
        () => this.#fields(name),
        () => this.#methods(name),
      )
      this.#structs.set(name, type)
      messageNames.set(type, name)
    }
    return type
  }

  #rows(name: string): readonly FieldRow[] {
    return name === 'opaque' ? [] : this.#schema.message(name).fields
  }

  /** A oneof stands where its first member is declared. */
  #fields(name: string): readonly FieldSpec[] {
    const rows = this.#rows(name)
    const oneofs = new Set<string>()
    const fields: FieldSpec[] = []
    for (const row of rows) {
      if (row.oneof === undefined) {
        fields.push(this.#member(row))
      } else if (!oneofs.has(row.oneof)) {
        oneofs.add(row.oneof)
        const { oneof } = row
        fields.push(
          this.#oneof(
            name,
            oneof,
            rows.filter((other) => other.oneof === oneof),
          ),
        )
      }
    }
    return fields
  }

  #member(row: FieldRow): FieldSpec {
    return { name: row.go, type: this.#type(row), json: row.json }
  }

  /** An interface that holds a pointer to a struct of one field, over the same backing. */
  #oneof(message: string, name: string, members: readonly FieldRow[]): FieldSpec {
    const [pkg, struct] = this.#schema.message(message).goType.split('.')
    const marker = `is${struct}_${name}`
    const type: InterfaceType = {
      kind: 'interface',
      name: `${pkg}.${marker}`,
      defined: true,
      requires: [marker],
    }
    const holders = members.map((row) => {
      const holder = new StructType(row.wrapper ?? row.go, () => [this.#member(row)])
      return { json: row.json, pointer: pointerTo(holder), holder }
    })
    return {
      name,
      type,
      json: '',
      read: (_raw, backing) => {
        const held = holders.find(({ json }) => Object.hasOwn(backing, json))
        return held === undefined
          ? zeroOf(type)
          : new PointerValue(held.pointer, new StructValue(held.holder, backing, true))
      },
    }
  }

  #type(row: FieldRow): GoType {
    const single = this.#singleType(row)
    if (row.shape === 'list') return sliceOf(single)
    return row.shape === 'map' ? mapOf(stringType, single) : single
  }

  #singleType(row: FieldRow): GoType {
    switch (row.kind) {
      case 'message':
        return pointerTo(this.struct(row.type ?? 'opaque'))
      case 'enum':
        return this.#enum(row.type ?? '')
      case 'bool':
        return boolType
      case 'string':
        return stringType
      case 'bytes':
        return bytesType
      case 'int32':
      case 'sint32':
        return int32Type
      case 'uint32':
        return uint32Type
      case 'int64':
        return int64Type
      case 'uint64':
        return uint64Type
      case 'float':
        return float32Type
      case 'double':
        return float64Type
    }
  }

  #enum(name: string): ScalarType {
    let type = this.#enums.get(name)
    if (type === undefined) {
      const { goType, byNumber } = enumDescriptor(name)
      type = namedScalar(goType, 'int32', [
        {
          name: 'String',
          receiver: 'value',
          params: [],
          returns: stringType,
          call: (receiver) => {
            const number = receiver instanceof ScalarValue ? Number(receiver.value) : 0
            return byNumber.get(number) ?? String(number)
          },
        },
      ])
      this.#enums.set(name, type)
    }
    return type
  }

  /** `Get<Field>` of every field, member and oneof, with pointer receivers; and what durations can do besides. */
  #methods(name: string): readonly MethodSpec[] {
    const members = this.#rows(name).filter((row) => row.oneof !== undefined)
    const readable = [...this.struct(name).fields, ...members.map((row) => this.#member(row))]
    const methods = readable.map(
      (field): MethodSpec => ({
        name: `Get${field.name}`,
        receiver: 'pointer',
        params: [],
        returns: field.type,
        call: (receiver) =>
          receiver instanceof StructValue ? readField(receiver, field) : zeroOf(field.type),
      }),
    )
    if (name === 'google.Duration') methods.push(asDuration)
    methods.push(unprintable)
    return methods
  }
}

const durationType: ScalarType = namedScalar('time.Duration', 'int64', [
  durationMethod('String', stringType, (nanos) => formatNanos(nanos)),
  durationMethod('Nanoseconds', int64Type, (nanos) => new ScalarValue(int64Type, nanos)),
  durationMethod('Microseconds', int64Type, (nanos) => new ScalarValue(int64Type, nanos / 1_000n)),
  durationMethod('Milliseconds', int64Type, (nanos) => new ScalarValue(int64Type, nanos / 1_000_000n)),
  durationMethod('Seconds', float64Type, (nanos) => Number(nanos) / 1e9),
  durationMethod('Minutes', float64Type, (nanos) => Number(nanos) / 6e10),
  durationMethod('Hours', float64Type, (nanos) => Number(nanos) / 3.6e12),
])

function durationMethod(name: string, returns: GoType, of: (nanos: bigint) => GoValue): MethodSpec {
  return {
    name,
    receiver: 'value',
    params: [],
    returns,
    call: (receiver) => of(receiver instanceof ScalarValue ? BigInt(receiver.value) : 0n),
  }
}

const asDuration: MethodSpec = {
  name: 'AsDuration',
  receiver: 'pointer',
  params: [],
  returns: durationType,
  call: (receiver) => {
    const message =
      receiver instanceof StructValue ? (receiver.backing as ProtoMessage | undefined) : undefined
    return new ScalarValue(durationType, durationNanos(message))
  },
}

/** Go prints messages in a form that it varies on purpose from build to build, so no template can rely on it. */
const unprintable: MethodSpec = {
  name: 'String',
  receiver: 'pointer',
  params: [],
  returns: stringType,
  call: () => {
    throw new GoFunctionError(
      "a protobuf message cannot be printed, since Go's text for it differs from build to build; use protoToJSON",
    )
  },
}
