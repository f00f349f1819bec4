import { useSyncExternalStore } from 'react'

/** A value that components share. */
export interface Store<Value> {
  get(): Value
  set(value: Value): void
  subscribe(listener: () => void): () => void
}

export const createStore = <Value,>(first: Value): Store<Value> => {
  let value = first
  const listeners = new Set<() => void>()
  return {
    get: () => value,
    set(next) {
      value = next
      listeners.forEach((listener) => listener())
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export const useStore = <Value,>(store: Store<Value>): Value => useSyncExternalStore(store.subscribe, store.get)

/** A store that is kept in this browser. What is there but can't be read counts as absent. */
export const createKept = <Value,>(name: string, first: Value, read: (kept: unknown) => Value | undefined): Store<Value> => {
  const kept = (): Value => {
    try {
      return read(JSON.parse(localStorage.getItem(name) ?? 'null')) ?? first
    } catch {
      return first
    }
  }
  const store = createStore(kept())
  addEventListener('storage', (event) => event.key === name && store.set(kept()))
  return {
    ...store,
    set(value) {
      store.set(value)
      try {
        localStorage.setItem(name, JSON.stringify(value))
      } catch {
        // A browser that keeps nothing: it holds until the page is left.
      }
    },
  }
}
