namespace Holdfast.Grains.Tasks;

/// <summary>What of a task's changes is told at once: each of its status; of its progress one a period, as the next look at the store shows the rest.</summary>
/// <param name="taskId">The task.</param>
/// <param name="period">The shortest time between two notices of progress.</param>
internal sealed class NoticePace(string taskId, TimeSpan period)
{
    private TaskHead? _told;
    private DateTimeOffset _toldAt;

    /// <summary>The state in which the task was found: whoever wrote it then has told of it.</summary>
    public void Found(TaskHead head) => _told = head;

    /// <summary>What is to be told of a state that has been stored; null: nothing.</summary>
    public TaskNotice? Next(TaskHead head, DateTimeOffset now)
    {
        if (head.Status == _told?.Status && (head.Progress == _told.Progress || now - _toldAt < period))
        {
            return null;
        }

        var labels = new Dictionary<string, string>(head.Labels, StringComparer.Ordinal);
        var notice = new TaskNotice(taskId, head.Kind, head.Owner, labels, head.Status, _told?.Status, head.Progress?.Percent);
        (_told, _toldAt) = (head, now);
        return notice;
    }
}
