import { useEffect, useRef } from 'react'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useFormats } from '../shell/language'

export interface Line {
  label: string
  values: (number | null)[]
}

const height = 150

const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name)

/** Lines over time. The newest figures stand beside it as text, for those who can't see it and for those who want to know. */
export const Chart = ({ title, times, lines, digits = 0, unit = '' }: { title: string; times: number[]; lines: Line[]; digits?: number; unit?: string }) => {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const { number, time } = useFormats()
  const labels = lines.map((line) => line.label).join('|')

  useEffect(() => {
    const box = place.current!
    const axis = { stroke: () => colour('--dim'), grid: { stroke: () => colour('--line'), width: 1 }, ticks: { show: false } }
    const made = new uPlot(
      {
        width: box.clientWidth,
        height,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [{ ...axis, space: 90, values: (_, marks) => marks.map((mark) => time(mark * 1000)) }, { ...axis, size: 46, values: (_, marks) => marks.map((mark) => number(mark, 2)) }],
        series: [{}, ...labels.split('|').map((label, n) => ({ label, width: 2, stroke: () => colour(`--c${(n % 6) + 1}`), points: { show: false } }))],
      },
      [[], ...labels.split('|').map(() => [])],
      box,
    )
    plot.current = made
    const sizes = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height }))
    sizes.observe(box)
    return () => {
      sizes.disconnect()
      made.destroy()
      plot.current = null
    }
    // Only other lines make another chart.
  }, [labels])

  useEffect(() => {
    plot.current?.setData([times, ...lines.map((line) => line.values)])
  }, [times, lines, labels])

  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      <div ref={place} aria-hidden="true" />
      <ul className="legend">
        {lines.map((line, n) => (
          <li key={line.label}>
            <span className="swatch" style={{ background: `var(--c${(n % 6) + 1})` }} aria-hidden="true" />
            {line.label} <strong>{line.values.at(-1) == null ? '–' : number(line.values.at(-1)!, digits)}</strong> {unit}
          </li>
        ))}
      </ul>
    </figure>
  )
}
