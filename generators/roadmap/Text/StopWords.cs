namespace Holdfast.Generators.Roadmap.Text;

/// <summary>Words that every text has and that say nothing of what it is about. Small lists of our own; frequency does the rest.</summary>
internal static class StopWords
{
    internal const string English =
        """
        a about above across after again against all almost along already also although always am among an and another any anybody anyone anything
        are aren't around as at away be became because become been before being below between both but by can can't cannot could couldn't did didn't
        do does doesn't doing don't done down during each either else enough etc even ever every everybody everyone everything few first for from
        further get gets give given gives go goes going gone got had has hasn't have haven't having he hence her here hers herself him himself his
        how however i if in indeed instead into is isn't it it's its itself just keep kept know least less let let's like likely made make makes
        making many may maybe me might mine more most mostly much must my myself near nearly need needs neither never next no nobody none nor not
        nothing now of off often on once one ones only onto or other others otherwise our ours ourselves out over own per perhaps put quite rather
        really same say says second see seen several shall she should shouldn't since so some somebody someone something sometimes soon still such
        take taken takes than that that's the their theirs them themselves then there therefore these they thing things this those though through
        throughout thus to together too took toward towards two under unless until up upon us use used uses using usual usually very via was wasn't
        way ways we well were weren't what whatever when whenever where whether which while who whoever whole whom whose why will with within
        without won't would wouldn't yes yet you your yours yourself three new good own want e.g i.e
        """;

    internal const string German =
        """
        ab aber alle allem allen aller alles als also am an andere anderen anderer anderes auch auf aus bei beim bereits bis bist da dabei dadurch dafür
        dagegen daher damit danach dann daran darauf daraus darf darin das dass davon dazu dein dem den denn der deren des deshalb dessen die dies diese
        diesem diesen dieser dieses doch dort du durch ein eine einem einen einer eines einige einmal er erst es etwa etwas euch euer für ganz gar gegen
        gibt habe haben hat hatte hätte hier hin ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer in indem ins ist ja je jede jedem jeden jeder
        jedes jedoch jetzt kann kein keine keinen keiner können könnte man manche mehr mein mich mir mit muss müssen nach nicht nichts noch nun nur ob
        oder ohne schon sehr sein seine seinem seinen seiner seit selbst sich sie sind so sofern sogar soll sollen sollte sondern sonst soweit über um
        und uns unser unter viel viele vom von vor wann war waren warum was weil weiter welche welcher welches wenig wenn wer werden wie wieder will
        wir wird wo wobei wurde wurden während würde zu zum zur zwar zwischen
        """;

    internal const string French =
        """
        a à afin ai ainsi alors après as au aucun aucune aussi autre autres aux avait avant avec avoir c'est car ce ceci cela celle celles celui ces cet
        cette ceux chaque chez ci comme comment d dans de depuis des donc dont du elle elles en encore entre est et étaient était été être eu eux fait
        faire fois font il ils j je jusque l la le les leur leurs lors lorsque lui là m ma mais me même mêmes mes moi moins mon n ne ni non nos notre
        nous on ont ou où par parce pas peu peut peuvent plus plusieurs pour pourquoi puis qu quand que quel quelle quelles quelque quelques quels qui
        quoi s sa sans se sera ses seulement si sinon soit son sont sous sur ta te tel telle tes toi ton tous tout toute toutes très trop tu un une vers
        voici vos votre vous y
        """;

    internal const string Spanish =
        """
        a al algo algunas alguno algunos ante antes aquel aquella aquellos aquí así aun aunque bien cada casi como con contra cual cuales cuando cuanto
        de del desde después donde dos durante e el él ella ellas ellos en entonces entre era eran es esa esas ese eso esos está están estar este esta
        estas esto estos fue fueron ha había habían han hasta hay hacer hace incluso la las le les lo los luego más me menos mi mientras mis mismo misma
        mucho muchos muy nada ni no nos nosotros nuestra nuestro o os otra otras otro otros para pero poco por porque pues puede pueden que qué quien
        se sea según ser si sí sido siempre sin sino sobre solo son su sus también tan tanto te tener ti tiene tienen todo toda todos todas tras tu tus
        un una unas uno unos usted vez y ya yo
        """;

    internal const string Italian =
        """
        a ad ai al alla alle allo agli anche ancora avere aveva c che chi ci ciò come con contro cosa così cui da dagli dai dal dalla dalle dallo degli
        dei del della delle dello di dopo dove due e è ed era erano essere fra gli ha hanno i il in io l la le lei li lo loro lui ma mai me mentre mi
        mio molti molto ne negli nei nel nella nelle nello no noi non nostra nostro o ogni oltre oppure per perché però più poi può possono prima pure
        qual quale quali quando quanto quella quelle quelli quello questa queste questi questo qui quindi se sempre senza si sia sono sopra sotto sta
        stata stato su sua sue sugli sui sul sulla sulle suo suoi tale tra tutti tutto tutta tutte un una uno vi viene voi
        """;

    internal const string Portuguese =
        """
        a à ainda além algum alguma alguns antes ao aos apenas aquela aquele aqueles as às assim até bem cada com como contra cujo da das de dela dele
        deles depois desde dessa desse desta deste do dos e é ela elas ele eles em enquanto então entre era eram essa essas esse esses esta está estão
        estas este estes eu foi foram há isso isto já lhe mais mas me mesmo mesma meu minha muito muitos na não nas nem nessa nesse nesta neste no nos
        nós nossa nosso num numa o onde os ou outra outras outro outros para pela pelas pelo pelos pode podem por porque pois quais qual quando quanto
        que quem se seja sem sempre ser seu seus si sido sobre sua suas são também tanto tem têm ter toda todas todo todos tudo um uma umas uns você à
        """;

    internal const string Dutch =
        """
        aan al alle alleen als altijd andere ben bij daar daarom dan dat de deze die dit doen door dus een eens en er ge geen had hadden heb hebben heeft
        hem het hier hij hoe hun ieder iets ik in is ja je kan kunnen maar meer men met mij mijn moet moeten na naar niet niets nog nu of om omdat onder
        ons ook op over reeds te tegen tijdens toch toen tot tussen u uit uw van veel vanaf voor want waren was wat we wel welke werd werden wie wij wil
        worden wordt zal ze zelf zich zij zijn zo zoals zonder zou zullen
        """;

    internal const string Russian =
        """
        а без более больше бы был была были было быть в вам вас вдруг весь во вот все всего всех вы где да даже для до его ее её если есть еще ещё ж же
        за здесь и из или им ими их к как какая какой когда который которая которое которые которых кто ли либо лишь между меня мне много может можно мой
        мы на над надо нам нас не него нее ней нет ни них но ну о об однако он она они оно от очень по под после потом потому почти при про с сам свой
        своей свои себе себя сейчас со так также такой там тебя тем теперь то тогда того тоже той только том тот ты у уже хотя чего чей чем через что
        чтобы эта эти это этого этой этом этот эту я является
        """;

    /// <summary>Function words of Chinese with one character, as far as they are seldom a part of other words.</summary>
    internal const string Chinese =
        "的了是在和与及就都也而被把从到为以于之其这那此该每各我你他她它们着吗呢吧啊很最又还不没有将让给由因所即若但或个些一两么什哪谁怎並為與這們個還從沒";

    /// <summary>Words of Chinese with two characters that say nothing of what a text is about.</summary>
    internal const string ChinesePairs =
        """
        多少 很多 许多 已经 可以 可能 能够 应该 必须 需要 使用 进行 通过 根据 关于 对于 由于 因为 所以 如果 虽然 然后 然而 同时 而且 并且 以及 或者 其中 其他 之后 之前 以后 以前
        时候 现在 开始 后来 首先 其次 最后 另外 此外 例如 比如 往往 通常 常常 一般 一些 一样 一种 这样 那样 怎样 变成 成为 作为 属于 来自 自己 大家 人们 非常 越来 来越 不同 相同
        特别 尤其 只有 只要 只是 就是 还是 都是 也是 不是 没有 起来 出来 下来 上来 过来 许多 几乎 大约 左右 部分 方面 情况 問題 可能 應該 必須 需要 使用 進行 通過 因為 如果 雖然
        然後 同時 並且 其他 之後 時候 現在 開始 通常 變成 成為 自己 大家 非常
        """;
}
