"""What meetings in English sound like, in council chambers and in live captions."""

from .phrases import Phrases, ending, opening, words

NUMBER = (
    r"(?:\d{1,3}|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen"
    r"|nothing|none)"
)

ENGLISH = Phrases(
    formality=words(
        r"""
        thank(?:s| you)
        appreciate (?:it|you|that|your|the opportunity)
        good (?:morning|afternoon|evening|night)
        welcome (?:to|back|everyone)
        (?:my name(?:'s| is)|name's)
        for the record
        honou?red to
        pleas(?:ed|ure) to (?:be|join)
        (?:i'm|i am|here) .{0,40}(?:representing|with the)
        on behalf of
        in (?:strong )?(?:support|opposition)$
        in (?:strong )?(?:support|opposition)\W
        i(?:'ve| have)? lived?
        can (?:you|everyone|anybody|we) (?:hear|see)
        (?:mute|unmute|microphone|your line|operator|hotline)
        (?:next|first|last|final) (?:speaker|witness|caller|slide|item|question|order of)
        please
        go ahead
        you may (?:begin|proceed)
        the floor is
        public comment
        call(?:ed)? (?:the|to|for the) (?:roll|order|question|vote)
        (?:roll call|quorum|invocation|pledge|pray\w*|amen|the lord|applause|laughter)
        (?:madam|mister|mr\.?) (?:clerk|secretary|chair|chairman|president|speaker|mayor)
        all (?:those |of those )?in favou?r
        (?:any|all) oppos\w+
        ayes? (?:have|has)
        (?:is there|do i have|do we have|i need|need|have|hear|entertain|like) a (?:motion|second)
        seconded
        second (?:by|the|that|it)
        so moved
        (?:moves?|moved|motion by) .*second(?:s|ed)?
        move[ds]? (?:on|along|approval|adoption)
        minutes (?:of|from|each|per)
        (?:two|three|five|ten|\d+) minutes
        (?:recess|adjourn\w*|reconvene)
        in (?:strong )?support of (?:the|this|a\.?b|s\.?b)
        (?:your|an|the) aye vote
        respectfully (?:ask|request|urge)
        (?:any|other|further|more) (?:questions?|comments?|discussion|testimony|speakers?)
        (?:i have|with|a|one|quick|my|your|couple of|few) questions?
        happy to (?:take|answer|vote)
        (?:turn it over|turn to|hand it|back to you|as i said|like i said|let me|let's|excuse me)
        (?:sorry|apologi[sz]e|congratulations|happy birthday|hands? up|raise your hand)
        press (?:one|1|star|pound)
        (?:the|this|today's|tonight's) (?:agenda|hearing|presentation|podium|screen|slide)
        read the (?:title|item|next)
        steps? (?:up|forward)
        (?:file item|deemed (?:read|adopted)|clerk will|absent members|on call)
        (?:work|go) (?:my|our) way (?:around|through)
        i(?:'ll| will) (?:come|get|go) (?:back )?to
        re ?-?refer
        """
    ),
    leaning=opening(
        r"""
        (?:and|but|so|or|nor|because|which|who|whom|whose|where|when|then|also|too|as well|as)
        (?:well|yeah|yes|yep|no|okay|ok|oh|uh|um|right|now|see|again|anyway|actually|basically)
        (?:it|it's|its|that|that's|this|they|he|he's|she|she's|those|these|them|him|her|there)
        (?:they|he|she|we|you)'(?:ll|d|ve|re|s)
        (?:i mean|you know|kind of|sort of|i guess|i think so|like|just|of|to|for|from|with|by|out)
        (?:at|in|with|on|for|to|if) (?:that|this|those|these|which)
        (?:i'm|i am|i was|i've|i'd|i)
        (?:is|are|was|were|am|be|has|have|had|do|does|did|can|could|would|will|should|may|might)
        (?:in other words|for example|in fact|however|therefore|second(?:ly)?|third|first|finally)
        (?:next point|another|conversely|as a result|even|either|into|through|until|than|against)
        (?:getting|going|reaching|making|having|ensuring|including|especially|while|although)
        (?:both|same|neither|instead|otherwise|still|again|further|similarly|likewise|one more)
        (?:a|an|the) (?:and|of|to|is|are|that)
        (?:why|how|what|would you|do you|in to|only|or)
        """
    ),
    continuing=opening(
        r"""
        (?:is|are|was|were|been|be|of|which|who|than|into|may|as well|through|and that|that are)
        """
    ),
    dangling=ending(
        r"""
        (?:a|an|the|of|to|for|from|with|by|at|in|on|and|or|but|that|which|who|as|if|than|into)
        (?:is|are|was|were|be|have|has|had|will|would|can|could|not|very|more|about|because|so)
        (?:our|your|their|my|his|its|this|these|those|we|i|they|you|he|she)
        (?:under|over|through|what|how|also|when|where|making|doctor|mr|mrs|ms|senator|based)
        """
    ),
    filler=words(
        r"""
        (?:um|uh|uhm|er|ah|hmm|gonna|wanna|yeah|okay|y'all|stuff)
        (?:you know|i mean|i guess|kind of|sort of|i think|if you will|or whatever)
        """
    ),
    pointing=words(
        r"(?:he|she|they|it|his|her|him|their|them|this|that's|these|those|here|it's|its|such)"
    ),
    verb=words(
        r"""
        (?:is|are|was|were|am|be|been|has|have|had|will|would|can|could|shall|should|must|may|might)
        (?:do|does|did|costs?|pays?|paid|needs?|takes?|took|goes|went|gets?|got|makes?|made|says?)
        (?:said|asks?|wants?|means?|meant|comes?|came|rose|rises?|fell|falls|starts?|begins?|began)
        (?:opens?|carries|passes|fails|shows?|requires?|allows?|provides?|moves?|gives?|gave|knows?)
        \w+['’](?:s|re|ll|ve|d|m)
        \w+n['’]t
        """
    ),
    outcome=words(
        rf"""
        (?:carries|carried|passes|passed|fails|failed|adopted|approved|denied|rejected).{{0,25}}
            {NUMBER} to {NUMBER}
        vote is {NUMBER} (?:ayes?|to|in favou?r)
        (?:ordinance|resolution|budget|plan|policy|proposal|application|permit|contract|rezoning)
            (?: \S+){{0,3}} (?:is|was) (?:adopted|approved|denied|rejected|defeated|tabled|put off)
        (?:carries|passes|passed|approved|adopted) unanimously
        """.replace("\n            ", "")
    ),
    decision=words(
        rf"""
        (?:motion|measure|resolution|ordinance|amendment|bill|budget|agreement|policy)
            (?: \S+){{0,2}} (?:carries|carried|passes|passed|fails|failed|is out)
        unanimous(?:ly)?
        voted? (?:to|for|against|no|yes|{NUMBER})
        {NUMBER} (?:in favou?r|votes?),? (?:to|and|against|opposed)? ?{NUMBER}
        (?:approv|adopt|reject|postpon|award|authori[sz])(?:e[sd]?|ing)
        (?:deny|denies|denied|denying|veto\w*)
        (?:i move|motion) (?:that|to|for)
        """.replace("\n            ", "")
    ),
    commitment=words(
        r"""
        (?:we|i|staff|city|county|district|department|state|board|council|crews?|they)(?:'ll| will)
        (?:are going|plans?|intends?|agrees?|commits?) to
        (?:deadline|no later than)
        (?:begins?|starts?|opens?|expires?|takes? effect|due) (?:on|in|by|at)
        (?:recommend(?:s|ed|ation|ing)?|propos(?:e|es|ed|al|ing)|require[sd]?)
        would .*if
        """
    ),
    money=words(
        r"""
        \d[\d.,]* (?:dollars?|cents?|million|billion)
        (?:thousand|million|billion|hundred) dollars
        """
    ),
    date=words(
        r"""
        (?:january|february|march|april|june|july|august)
        (?:september|october|november|december)
        may (?:\d|first|second|third)
        (?:mon|tues|wednes|thurs|fri|satur|sun)day
        (?:19|20)\d\d
        two thousand
        twenty (?:ten|eleven|twelve|\w+teen|twenty)
        (?:next|last|this|every|per|a) (?:week|month|year|spring|summer|fall|winter)
        days
        """
    ),
    business=words(
        r"""
        (?:budgets?|fund(?:s|ing|ed)?|tax(?:es)?|rates?|fees?|grants?|loans?|contracts?|costs?)
        (?:revenues?|ordinances?|resolutions?|laws?|bills?|legislation|polic(?:y|ies)|permits?)
        (?:schools?|students?|teachers?|housing|homes?|water|sewer|roads?|streets?|police|fire)
        (?:health|care|patients?|hospital\w*|insurance|residents?|neighbou?r\w*|famil(?:y|ies))
        (?:plan|project|program|department|commission|council|committee|district|park|zoning)
        (?:count(?:y|ies)|cit(?:y|ies)|library|bus(?:es)?|traffic|bridge|votes?|voters?)
        """
    ),
)
