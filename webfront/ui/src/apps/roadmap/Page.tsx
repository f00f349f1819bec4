import { ActiveTasks } from '../../parts/ActiveTasks'
import { usePlace } from '../../shell/router'
import { NewRoadmap } from './NewRoadmap'
import { RoadmapTask } from './RoadmapTask'

/** A document goes in, a reading plan comes out. */
const Page = () => {
  const taskId = usePlace().query.get('task')
  if (taskId) return <RoadmapTask key={taskId} taskId={taskId} />
  return (
    <>
      <NewRoadmap />
      <ActiveTasks kind="roadmap" />
    </>
  )
}

export default Page
