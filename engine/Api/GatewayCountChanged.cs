namespace Orleans;

/// <summary>Hears that a client has lost a silo that it was connected to.</summary>
/// <param name="sender">The client.</param>
/// <param name="e">How many silos it is connected to.</param>
public delegate void GatewayCountChangedHandler(object sender, GatewayCountChangedEventArgs e);

/// <summary>To how many silos a client is connected.</summary>
public class GatewayCountChangedEventArgs(int currentNumberOfConnectedGateways, int previousNumberOfConnectedGateways) : EventArgs
{
    /// <summary>So many now.</summary>
    public int NumberOfConnectedGateways { get; } = currentNumberOfConnectedGateways;

    /// <summary>So many before.</summary>
    public int PreviousNumberOfConnectedGateways { get; } = previousNumberOfConnectedGateways;
}
