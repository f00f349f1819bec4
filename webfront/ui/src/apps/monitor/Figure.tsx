import type { ReactNode } from 'react'

export const Figure = ({ label, value, bad = false }: { label: string; value: ReactNode; bad?: boolean }) => (
  <div className="figure">
    <dt>{label}</dt>
    <dd className={bad ? 'bad' : undefined}>{value}</dd>
  </div>
)
