"""Digraphs: two characters that stand for a third one, by the mnemonics of RFC 1345, as in vim."""

# ruff: noqa: RUF001 - letters of many scripts

from __future__ import annotations

import unicodedata
from functools import cache

_MARKS = {
    "!": "\u0300", "'": "\u0301", ">": "\u0302", "?": "\u0303", "-": "\u0304", "(": "\u0306", ".": "\u0307", ":": "\u0308",
    '"': "\u030b", ",": "\u0327", ";": "\u0328", "<": "\u030c", "0": "\u030a", "2": "\u0309", "9": "\u031b", "_": "\u0331",
}  # fmt: skip
"""The second character → the mark that it puts on the letter before it."""
_INVISIBLE = {
    "SP": "\u0020", "NS": "\u00a0", "--": "\u00ad", ":+": "\u064b", "\"+": "\u064c", "=+": "\u064d", "/+": "\u064e",
    "'+": "\u064f", "1+": "\u0650", "3+": "\u0651", "0+": "\u0652", "aS": "\u0670", "1N": "\u2002", "1M": "\u2003",
    "3M": "\u2004", "4M": "\u2005", "6M": "\u2006", "1T": "\u2009", "1H": "\u200a", "IS": "\u3000",
}  # fmt: skip
_OTHERS = """
Nb# DO$ At@ <([ //\\ )>] '>^ '!` (!{ !!| !)} '?~ !I¡ ~!¡ Ct¢ c|¢ Pd£ $$£ Cu¤ ox¤ Ye¥ Y-¥ BB¦ ||¦ SE§ ':¨ Co© cO© -aª
<<« NO¬ -,¬ Rg® 'm¯ -=¯ DG° ~o° +-± 2S² 22² 3S³ 33³ ''´ Myµ PI¶ pp¶ .M· ~.· ',¸ 1S¹ 11¹ -oº >>» 14¼ 12½ 34¾ ?I¿ ~?¿
A`À A^Â A~Ã A"Ä AAÅ A@Å AEÆ E`È E^Ê E"Ë I`Ì I^Î I"Ï D-Ð N~Ñ O`Ò O^Ô O~Õ *X× /\\× O/Ø U`Ù U^Û THÞ IpÞ ssß a`à a^â a~ã
a"ä aaå a@å aeæ e`è e^ê e"ë i`ì i^î d-ð n~ñ o`ò o^ô o~õ -:÷ o/ø u`ù u^û thþ y"ÿ D/Đ d/đ H/Ħ h/ħ i.ı IJĲ ijĳ kkĸ L.Ŀ
l.ŀ L/Ł l/ł 'nŉ NGŊ ngŋ OEŒ oeœ T/Ŧ t/ŧ OIƢ oiƣ yrƦ Z/Ƶ z/ƶ EDƷ A1Ǟ a1ǟ A7Ǡ a7ǡ A3Ǣ a3ǣ G/Ǥ g/ǥ O1Ǭ o1ǭ EZǮ ezǯ ;Sʿ
'<ˇ '(˘ '.˙ '0˚ ';˛ '"˝ A%Ά E%Έ Y%Ή I%Ί O%Ό U%Ύ W%Ώ i3ΐ A*Α B*Β G*Γ D*Δ E*Ε Z*Ζ Y*Η H*Θ I*Ι K*Κ L*Λ M*Μ N*Ν C*Ξ O*Ο
P*Π R*Ρ S*Σ T*Τ U*Υ F*Φ X*Χ Q*Ψ W*Ω J*Ϊ V*Ϋ a%ά e%έ y%ή i%ί u3ΰ a*α b*β g*γ d*δ e*ε z*ζ y*η h*θ i*ι k*κ l*λ m*μ n*ν
c*ξ o*ο p*π r*ρ *sς s*σ t*τ u*υ f*φ x*χ q*ψ w*ω j*ϊ v*ϋ o%ό u%ύ w%ώ 'GϘ ,Gϙ T3Ϛ t3ϛ M3Ϝ m3ϝ K3Ϟ k3ϟ P3Ϡ p3ϡ '%ϴ j3ϵ
IOЁ D%Ђ G%Ѓ IEЄ DSЅ IIІ YIЇ J%Ј LJЉ NJЊ TsЋ KJЌ V%Ў DZЏ A=А B=Б V=В G=Г D=Д E=Е Z%Ж Z=З I=И J=Й K=К L=Л M=М N=Н O=О
P=П R=Р S=С T=Т U=У F=Ф H=Х C=Ц C%Ч S%Ш ScЩ ="Ъ Y=Ы %"Ь JEЭ JUЮ JAЯ a=а b=б v=в g=г d=д e=е z%ж z=з i=и j=й k=к l=л
m=м n=н o=о p=п r=р s=с t=т u=у f=ф h=х c=ц c%ч s%ш scщ ='ъ y=ы %'ь jeэ juю jaя ioё d%ђ g%ѓ ieє dsѕ iiі yiї j%ј ljљ
njњ tsћ kjќ v%ў dzџ Y3Ѣ y3ѣ O3Ѫ o3ѫ F3Ѳ f3ѳ V3Ѵ v3ѵ C3Ҁ c3ҁ G3Ґ g3ґ A+א B+ב G+ג D+ד H+ה W+ו Z+ז X+ח Tjט J+י K%ך K+כ
L+ל M%ם M+מ N%ן N+נ S+ס E+ע P%ף P+פ Zjץ ZJצ Q+ק R+ר Shש T+ת ,+، ;+؛ ?+؟ H'ء aMآ aHأ wHؤ ahإ yHئ a+ا b+ب tmة t+ت tkث
g+ج hkح x+خ d+د dkذ r+ر z+ز s+س snش c+ص ddض tjط zHظ e+ع i+غ ++ـ f+ف q+ق k+ك l+ل m+م n+ن h+ه w+و j+ى y+ي p+پ v+ڤ gfگ
0a۰ 1a۱ 2a۲ 3a۳ 4a۴ 5a۵ 6a۶ 7a۷ 8a۸ 9a۹ W`Ẁ w`ẁ Y`Ỳ y`ỳ ;'ἀ ,'ἁ ;!ἂ ,!ἃ ?;ἄ ?,ἅ !:ἆ ?:ἇ -1‐ -N– -M— -3― !2‖ =2‗ '6‘
'9’ .9‚ 9'‛ "6“ "9” :9„ 9"‟ /-† /=‡ oo• ..‥ ,.… %0‰ 1'′ 2'″ 3'‴ 1"‵ 2"‶ 3"‷ Ca‸ <1‹ >1› :X※ '-‾ /f⁄ 0S⁰ 4S⁴ 5S⁵ 6S⁶
7S⁷ 8S⁸ 9S⁹ +S⁺ -S⁻ =S⁼ (S⁽ )S⁾ nSⁿ 0s₀ 1s₁ 2s₂ 3s₃ 4s₄ 5s₅ 6s₆ 7s₇ 8s₈ 9s₉ +s₊ -s₋ =s₌ (s₍ )s₎ Li₤ Pt₧ W=₩ =e€ Eu€
=R₽ =P₽ oC℃ co℅ oF℉ N0№ PO℗ Rx℞ SM℠ TM™ OmΩ AOÅ 13⅓ 23⅔ 15⅕ 25⅖ 35⅗ 45⅘ 16⅙ 56⅚ 18⅛ 38⅜ 58⅝ 78⅞ 1RⅠ 2RⅡ 3RⅢ 4RⅣ 5RⅤ
6RⅥ 7RⅦ 8RⅧ 9RⅨ aRⅩ bRⅪ cRⅫ 1rⅰ 2rⅱ 3rⅲ 4rⅳ 5rⅴ 6rⅵ 7rⅶ 8rⅷ 9rⅸ arⅹ brⅺ crⅻ <-← -!↑ ->→ -v↓ <>↔ UD↕ <=⇐ =>⇒ ==⇔ FA∀
dP∂ TE∃ /0∅ DE∆ NB∇ (-∈ -)∋ *P∏ +Z∑ -2− -+∓ *-∗ Ob∘ Sb∙ RT√ 0(∝ 00∞ -L∟ -V∠ PP∥ AN∧ OR∨ (U∩ )U∪ In∫ DI∬ Io∮ .:∴ :.∵
:R∶ ::∷ ?1∼ CG∾ ?-≃ ?=≅ ?2≈ =?≌ HI≓ !=≠ =3≡ =<≤ >=≥ <*≪ *>≫ !<≮ !>≯ (C⊂ )C⊃ (_⊆ )_⊇ 0.⊙ 02⊚ -T⊥ .P⋅ :3⋮ .3⋯ Eh⌂ <7⌈
>7⌉ 7<⌊ 7>⌋ NI⌐ (A⌒ TR⌕ Iu⌠ Il⌡ </〈 />〉 Vs␣ 1h⑀ 3h⑁ 2h⑂ 4h⑃ 1j⑆ 2j⑇ 3j⑈ 4j⑉ 1.⒈ 2.⒉ 3.⒊ 4.⒋ 5.⒌ 6.⒍ 7.⒎ 8.⒏ 9.⒐
hh─ HH━ vv│ VV┃ 3-┄ 3_┅ 3!┆ 3/┇ 4-┈ 4_┉ 4!┊ 4/┋ dr┌ dR┍ Dr┎ DR┏ dl┐ dL┑ Dl┒ LD┓ ur└ uR┕ Ur┖ UR┗ ul┘ uL┙ Ul┚ UL┛ vr├
vR┝ Vr┠ VR┣ vl┤ vL┥ Vl┨ VL┫ dh┬ dH┯ Dh┰ DH┳ uh┴ uH┷ Uh┸ UH┻ vh┼ vH┿ Vh╂ VH╋ FD╱ BD╲ TB▀ LB▄ FB█ lB▌ RB▐ .S░ :S▒ ?S▓
fS■ OS□ RO▢ Rr▣ RF▤ RY▥ RH▦ RZ▧ RK▨ RX▩ sB▪ SR▬ Or▭ UT▲ uT△ PR▶ Tr▷ Dt▼ dT▽ PL◀ Tl◁ Db◆ Dw◇ LZ◊ 0m○ 0o◎ 0M● 0L◐ 0R◑
Sn◘ Ic◙ Fd◢ Bd◣ *2★ *1☆ <H☜ >H☞ 0u☺ 0U☻ SU☼ Fm♀ Ml♂ cS♠ cH♡ cD♢ cC♣ Md♩ M8♪ M2♫ Mb♭ Mx♮ MX♯ OK✓ XX✗ -X✠ ,_、 ._。
+"〃 +_〄 *_々 ;_〆 0_〇 <+《 >+》 <'「 >'」 <"『 >"』 ("【 )"】 =T〒 =_〓 ('〔 )'〕 (I〖 )I〗 -?〜 A5ぁ a5あ I5ぃ
i5い U5ぅ u5う E5ぇ e5え O5ぉ o5お kaか gaが kiき giぎ kuく guぐ keけ geげ koこ goご saさ zaざ siし ziじ suす zuず
seせ zeぜ soそ zoぞ taた daだ tiち diぢ tUっ tuつ duづ teて deで toと doど naな niに nuぬ neね noの haは baば paぱ
hiひ biび piぴ huふ buぶ puぷ heへ beべ peぺ hoほ boぼ poぽ maま miみ muむ meめ moも yAゃ yaや yUゅ yuゆ yOょ yoよ
raら riり ruる reれ roろ wAゎ waわ wiゐ weゑ woを n5ん vuゔ "5゛ 05゜ *5ゝ +5ゞ a6ァ A6ア i6ィ I6イ u6ゥ U6ウ e6ェ
E6エ o6ォ O6オ Kaカ Gaガ Kiキ Giギ Kuク Guグ Keケ Geゲ Koコ Goゴ Saサ Zaザ Siシ Ziジ Suス Zuズ Seセ Zeゼ Soソ Zoゾ
Taタ Daダ Tiチ Diヂ TUッ Tuツ Duヅ Teテ Deデ Toト Doド Naナ Niニ Nuヌ Neネ Noノ Haハ Baバ Paパ Hiヒ Biビ Piピ Huフ
Buブ Puプ Heヘ Beベ Peペ Hoホ Boボ Poポ Maマ Miミ Muム Meメ Moモ YAャ Yaヤ YUュ Yuユ YOョ Yoヨ Raラ Riリ Ruル Reレ
Roロ WAヮ Waワ Wiヰ Weヱ Woヲ N6ン Vuヴ KAヵ KEヶ Vaヷ Viヸ Veヹ Voヺ .6・ -6ー *6ヽ +6ヾ b4ㄅ p4ㄆ m4ㄇ f4ㄈ d4ㄉ
t4ㄊ n4ㄋ l4ㄌ g4ㄍ k4ㄎ h4ㄏ j4ㄐ q4ㄑ x4ㄒ zhㄓ chㄔ shㄕ r4ㄖ z4ㄗ c4ㄘ s4ㄙ a4ㄚ o4ㄛ e4ㄜ aiㄞ eiㄟ auㄠ ouㄡ
anㄢ enㄣ aNㄤ eNㄥ erㄦ i4ㄧ u4ㄨ iuㄩ v4ㄪ nGㄫ gnㄬ 1c㈠ 2c㈡ 3c㈢ 4c㈣ 5c㈤ 6c㈥ 7c㈦ 8c㈧ 9c㈨ ffﬀ fiﬁ flﬂ ftﬅ
stﬆ
"""
"""Digraphs, each with what it stands for."""


@cache
def _table() -> dict[str, str]:
    return {word[:2]: word[2] for word in _OTHERS.split()} | _INVISIBLE


def digraph(first: str, second: str) -> str | None:
    """Returns the character that two others stand for, in either order. None if they stand for none."""
    for pair in (first + second, second + first):
        if (found := _table().get(pair)) is not None:
            return found
        if pair[0].isascii() and pair[0].isalpha() and pair[1] in _MARKS:
            letter = unicodedata.normalize("NFC", pair[0] + _MARKS[pair[1]])
            if len(letter) == 1:
                return letter
    return None
