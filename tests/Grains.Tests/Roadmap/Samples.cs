namespace Holdfast.Grains.Tests.Roadmap;

/// <summary>Documents to plan: some written for these tests, and this repository's own.</summary>
internal static class Samples
{
    /// <summary>Plain English without headings, six subjects.</summary>
    public const string EnglishPlain =
        """
        A lighthouse keeper on the northern coast once said that his work was to be boring. Nothing was supposed to happen, and for most nights nothing did. Yet the tower he looked after had a long history, and every part of it answered a danger that had cost lives.

        The lamp is the heart of the tower. The first lamps burned wood, then coal, then oil from whales. A keeper trimmed the wick of the lamp every four hours, because a smoking wick darkened the glass. When mineral oil came, the lamp became brighter and the nights became shorter for the keeper. Electric lamps ended the trimming altogether. Today a lamp no larger than a hand is seen from twenty miles away.

        The lens makes the light travel. A lamp without a lens throws its light in all directions, and most of it is lost in the sky. In 1822 Augustin Fresnel arranged rings of glass so that the lens bends the light into one flat beam. A large lens weighs as much as two cars and floats on a bath of mercury, so that a clock can turn it. Each turn of the lens sends a flash across the water, and the pattern of flashes tells sailors which tower they see.

        Fog was the enemy of every lens. When fog covered the sea, no beam reached a ship, so the towers learned to speak. Bells were the first fog signals, and guns followed them. Steam drove the sirens of the last century, whose voice carried for five miles. A fog signal was sounded by hand at first, and a keeper could stand at the pump for thirty hours.

        Building on rock was harder than lighting it. Waves broke the first towers within a few winters. Engineers then cut the stones of a tower so that each stone locks into its neighbours, as the trunk of an oak holds in a storm. The stones were fitted on land, numbered, and carried to the rock in calm weather. Work on the rock lasted two hours a day, between the tides. Some towers took six summers to build and have stood for two hundred years.

        Machines have taken over the watch. Sensors switch the lamp on at dusk and report by radio when a bulb fails. The last keepers left the towers thirty years ago. Satellites tell ships where they are, and many sailors never look for the beam. Still the coast guard keeps the lights burning, for a satellite can fail, and a beam over dark water needs no battery on board.
        """;

    /// <summary>Plain Chinese without headings, seven paragraphs.</summary>
    public const string ChinesePlain =
        """
        清晨六点，城里的人还没有完全醒来，水厂的值班员已经看过了三遍水位。一座三百万人口的城市，每天要喝掉、洗掉、冲掉一百多万吨水。打开水龙头的人很少会想，这些水从哪里来，又到哪里去。弄清楚这条路，才知道节约用水为什么不是一句口号。

        城市的水首先来自水源地。水源地大多是上游的水库，也有一部分是地下水。水库像一只大碗，把雨季多出来的水存起来，留给旱季慢慢用。水源地周围通常划出保护区，保护区里不许建工厂，不许养殖，也不许游泳。因为水库里的水一旦被污染，后面再好的工艺也要多花几倍的力气。巡查员每周沿着水库走一圈，取几瓶水样，看看藻类有没有变多。藻类多了，说明上游有化肥流进来，就要提前采取措施。

        从水库出来的水叫原水，原水要先送进水厂。水厂的第一道工序是混凝：往原水里加入混凝剂，细小的泥沙就会抱成团，变成看得见的絮体。第二道工序是沉淀，水在沉淀池里慢慢走上两个小时，絮体沉到池底，上面的水就清了。第三道工序是过滤，清水穿过一米多厚的石英砂，剩下的杂质留在砂层里。最后一道工序是消毒，加入少量的氯，杀死看不见的细菌。经过混凝、沉淀、过滤和消毒，原水才变成可以出厂的自来水。水厂的化验室每两小时测一次浊度和余氯，数据不合格，水就不能出厂。

        出厂的自来水靠管网送到千家万户。管网就像人体的血管，主管道有一人多高，支管却只有手腕粗。水在管网里流动需要压力，压力由泵站提供。泵站夜里开得少，早晚高峰开得多，因为大家总在同一个时间做饭和洗澡。管网最怕的是漏损。老旧的铸铁管埋在地下几十年，接口松动，水就一点一点漏进土里。漏损率每降低一个百分点，全城每年就能省下好几百万吨水。检漏员常常在深夜工作，那时车少人静，他们把听音杆贴在路面上，靠耳朵寻找漏点。如今一些管网装上了传感器，压力突然下降，系统就会自动报警。

        水流进家门以后，用水的方式决定了浪费的多少。一个普通家庭的用水，三分之一冲了马桶，三分之一用来洗澡，剩下的才是做饭和洗衣。换一只节水马桶，每次冲水可以少用三升。洗菜的水可以浇花，洗衣的水可以拖地，这叫一水多用。阶梯水价也是一种办法：用水越多，单价越高，人们自然会留意关紧水龙头。学校里的孩子学着看水表，回家告诉父母一个月用了多少水，往往比贴标语更有效。

        用过的水并没有消失，它变成污水，流进下水道。污水从下水道汇集到污水处理厂，那里真正干活的是微生物。曝气池里不断鼓进空气，微生物吃掉污水里的有机物，自己长成一团团的活性污泥。活性污泥在二沉池里沉下来，一部分送回曝气池继续工作，另一部分脱水以后拿去做肥料。处理过的水清澈无味，达到标准就可以排进河里。越来越多的城市不再把它白白排掉，而是再净化一次，变成再生水。再生水用来浇绿地、洗马路、给工厂降温，等于又多了一个水源。

        从水库到水厂，从管网到家庭，从污水到再生水，城市的水走了一个圈。圈上的每一段都有人守着，也都有可以省下来的地方。水源地少一点污染，管网少一点漏损，家里少一点浪费，再生水多用一点，这座城市就能在旱季多撑一个月。下次拧开水龙头的时候，不妨想一想这条看不见的路。
        """;

    /// <summary>Japanese with headings.</summary>
    public const string JapaneseMarkdown =
        """
        # 町のパン屋

        パン屋の朝は早い。職人は午前三時に起きて、まず小麦粉と水を量る。

        ## 生地を作る

        生地はパンの土台である。小麦粉に水と塩とイーストを加え、十分ほどこねると、生地は耳たぶのように柔らかくなる。こね方が足りないと、生地はうまく膨らまない。職人は手の感触で生地の状態を確かめる。

        ## 発酵を待つ

        こねた生地は温かい場所で発酵させる。発酵とは、イーストが糖を食べて炭酸ガスを出すことだ。ガスが生地の中にたまり、生地は二倍に膨らむ。発酵の時間は季節によって変わる。夏は一時間、冬は二時間かかることもある。

        ## 窯で焼く

        発酵が終わった生地を丸めて、窯に入れる。窯の温度は二百三十度ほどである。最初の五分で蒸気を入れると、皮がぱりっと仕上がる。二十分後、店いっぱいに香りが広がる。

        ## 店を開ける

        七時に店を開けると、近所の人が並んでいる。焼きたてのパンはすぐに売り切れる。残ったパンは翌日ラスクになる。
        """;

    /// <summary>German with a title line.</summary>
    public const string GermanPlain =
        """
        Der Garten im Jahreslauf

        Im Frühjahr beginnt die Arbeit im Garten. Der Boden wird gelockert, sobald er nicht mehr gefroren ist. Wer zu früh gräbt, verdichtet den nassen Boden und schadet den Regenwürmern. Regenwürmer durchlüften den Boden und machen aus Laub fruchtbaren Humus. Humus speichert Wasser und Nährstoffe, z. B. Stickstoff und Kalium.

        Ab April wird gesät. Die Samen von Möhren und Radieschen kommen direkt ins Beet. Tomaten dagegen brauchen Wärme und werden auf der Fensterbank vorgezogen. Eine Tomate, die zu früh ins Freie kommt, erfriert in einer einzigen kalten Nacht. Nach den Eisheiligen, also Mitte Mai, dürfen die Tomaten hinaus.

        Im Sommer entscheidet das Gießen über die Ernte. Gegossen wird am besten morgens, denn dann verdunstet weniger Wasser. Wer selten und gründlich gießt, erzieht tiefe Wurzeln. Eine Schicht aus Mulch hält das Wasser im Boden und unterdrückt das Unkraut. Mulch kann aus Rasenschnitt, Stroh oder Laub bestehen.

        Der Herbst ist die Zeit der Ernte. Äpfel werden gepflückt, wenn sie sich leicht vom Zweig drehen lassen. Gelagert werden sie kühl und dunkel, am besten im Keller. Fallobst gehört auf den Kompost. Der Kompost braucht Luft, Feuchtigkeit und eine Mischung aus grünem und braunem Material. Nach einem Jahr wird aus dem Kompost Humus, und der Kreis beginnt von vorn.
        """;

    private static readonly string[] ChineseHeadings = ["一、水源地", "二、水厂的四道工序", "三、管网与漏损", "四、家庭用水", "五、污水与再生水", "结语"];

    /// <summary>The Chinese text with headings.</summary>
    public static string ChineseMarkdown
    {
        get
        {
            var paragraphs = ChinesePlain.Split("\n\n");
            return "# 城市的水\n\n" + paragraphs[0] + "\n\n" + string.Join("\n\n", ChineseHeadings.Select((heading, i) => $"## {heading}\n\n{paragraphs[i + 1]}"));
        }
    }

    /// <summary>This repository's wire protocol.</summary>
    public static string Protocol => File.ReadAllText(Path.Combine(Root(), "webfront", "PROTOCOL.md"));

    /// <summary>All of them with their names.</summary>
    public static TheoryData<string> Names => [nameof(EnglishPlain), nameof(ChinesePlain), nameof(ChineseMarkdown), nameof(JapaneseMarkdown), nameof(GermanPlain), nameof(Protocol)];

    /// <summary>A document by its name.</summary>
    public static string Get(string name) => name switch
    {
        nameof(EnglishPlain) => EnglishPlain,
        nameof(ChinesePlain) => ChinesePlain,
        nameof(ChineseMarkdown) => ChineseMarkdown,
        nameof(JapaneseMarkdown) => JapaneseMarkdown,
        nameof(GermanPlain) => GermanPlain,
        nameof(Protocol) => Protocol,
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "There is no such sample."),
    };

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Platform.sln"))) folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("No Platform.sln above the tests.");
        return folder;
    }
}
