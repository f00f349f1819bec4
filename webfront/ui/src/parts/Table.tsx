import type { ReactNode } from 'react'

/** A table that scrolls for itself, with the keyboard too. `columns`: their names by what they show. `log`: small and dense. */
export const Table = ({ label, columns, log = false, children }: { label: string; columns: Record<string, string>; log?: boolean; children: ReactNode }) => (
  <div className="scroll" tabIndex={0} role="region" aria-label={label}>
    <table className={log ? 'log' : undefined}>
      <thead>
        <tr>
          {Object.values(columns).map((one) => (
            <th key={one} scope="col">
              {one}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>{children}</tbody>
    </table>
  </div>
)
