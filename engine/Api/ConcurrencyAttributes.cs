namespace Orleans.Concurrency;

/// <summary>A call of this method starts even while another call of the same grain is awaiting something.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;
