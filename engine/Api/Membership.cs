namespace Orleans.Runtime;

/// <summary>What a silo is doing.</summary>
[GenerateSerializer]
public enum SiloStatus
{
    /// <summary>Not known.</summary>
    None,

    /// <summary>Being built.</summary>
    Created,

    /// <summary>About to become active.</summary>
    Joining,

    /// <summary>Running.</summary>
    Active,

    /// <summary>Leaving: it starts nothing new.</summary>
    ShuttingDown,

    /// <summary>Leaving: almost gone.</summary>
    Stopping,

    /// <summary>Gone, or declared so. It never comes back under the same address.</summary>
    Dead,
}

/// <summary>Told of every change of a silo's status.</summary>
public interface ISiloStatusListener
{
    /// <summary>Called once per change, in order. It must not block.</summary>
    void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status);
}

/// <summary>What this silo knows of the cluster.</summary>
public interface ISiloStatusOracle
{
    /// <summary>This silo's status.</summary>
    SiloStatus CurrentStatus { get; }

    /// <summary>This silo's name.</summary>
    string SiloName { get; }

    /// <summary>This silo's address.</summary>
    SiloAddress SiloAddress { get; }

    /// <summary>A silo's status as far as known.</summary>
    SiloStatus GetApproximateSiloStatus(SiloAddress siloAddress);

    /// <summary>The silos that run.</summary>
    SiloAddress[] GetActiveSilos();

    /// <summary>Whether a silo is known to be dead.</summary>
    bool IsDeadSilo(SiloAddress silo);

    /// <summary>Adds a listener; false when it was there already.</summary>
    bool SubscribeToSiloStatusEvents(ISiloStatusListener observer);

    /// <summary>Removes a listener; false when it was not there.</summary>
    bool UnSubscribeFromSiloStatusEvents(ISiloStatusListener observer);
}

/// <summary>Who this silo is.</summary>
public interface ILocalSiloDetails
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Its cluster.</summary>
    string ClusterId { get; }

    /// <summary>Its host's name.</summary>
    string DnsHostName { get; }

    /// <summary>Its address.</summary>
    SiloAddress SiloAddress { get; }

    /// <summary>Where clients connect.</summary>
    SiloAddress GatewayAddress { get; }
}
