// The files behind some services, to be found by their names, by what they define and by what they extend.

import type { DescFile, DescService } from '@bufbuild/protobuf'
import { nestedTypes } from '@bufbuild/protobuf/reflect'

/** What can be looked up. */
export interface SchemaIndex {
  file(name: string): DescFile | undefined
  /** The file that defines a service, a method, a message, a field, an enum or an extension, by its full name. */
  fileOfSymbol(symbol: string): DescFile | undefined
  fileOfExtension(extendee: string, number: number): DescFile | undefined
  /** The numbers of the extensions of a message; undefined for a message that is not there. */
  extensionNumbers(extendee: string): readonly number[] | undefined
}

/** Indexes the files of services and everything that they build on. */
export function schemaOf(services: readonly DescService[]): SchemaIndex {
  const files = new Map<string, DescFile>()
  const symbols = new Map<string, DescFile>()
  const extensions = new Map<string, Map<number, DescFile>>()

  function add(file: DescFile): void {
    if (files.has(file.proto.name)) return
    files.set(file.proto.name, file)
    for (const type of nestedTypes(file)) {
      symbols.set(type.typeName, file)
      if (type.kind === 'extension') {
        const of = extensions.get(type.extendee.typeName) ?? new Map<number, DescFile>()
        extensions.set(type.extendee.typeName, of.set(type.number, file))
      }
      if (type.kind === 'service')
        for (const { name } of type.methods) symbols.set(`${type.typeName}.${name}`, file)
      if (type.kind === 'message')
        for (const { name } of type.fields) symbols.set(`${type.typeName}.${name}`, file)
    }
    for (const dependency of file.dependencies) add(dependency)
  }
  for (const service of services) add(service.file)

  return {
    file: (name) => files.get(name),
    fileOfSymbol: (symbol) => symbols.get(symbol),
    fileOfExtension: (extendee, number) => extensions.get(extendee)?.get(number),
    extensionNumbers(extendee) {
      const of = extensions.get(extendee)
      if (of !== undefined) return [...of.keys()].sort((a, b) => a - b)
      return symbols.has(extendee) ? [] : undefined
    },
  }
}
