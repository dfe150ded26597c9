"""The formats there are, by name: one module each."""

from export.formats.bitmaps import writer as bitmaps
from export.formats.camvid import writer as camvid
from export.formats.cityscapes import writer as cityscapes
from export.formats.coco import writer as coco
from export.formats.coco import writer_keypoints as coco_keypoints
from export.formats.cvat import writer_images as cvat_images
from export.formats.cvat import writer_json as cvat_json
from export.formats.cvat import writer_video as cvat_video
from export.formats.datumaro import writer as datumaro
from export.formats.ezlabel import writer_csv as ezlabel_csv
from export.formats.ezlabel import writer_json as ezlabel_json
from export.formats.ezlabel import writer_xml as ezlabel_xml
from export.formats.format import ArchiveFormat
from export.formats.icdar import writer_localization as icdar_localization
from export.formats.icdar import writer_recognition as icdar_recognition
from export.formats.icdar import writer_segmentation as icdar_segmentation
from export.formats.imagenet import writer as imagenet
from export.formats.imagenet import writer_split as imagenet_halves
from export.formats.kitti import writer as kitti
from export.formats.labelme import writer_json as labelme_json
from export.formats.labelme import writer_xml as labelme_xml
from export.formats.lfw import writer as lfw
from export.formats.market1501 import writer as market1501
from export.formats.matlab import reader as matlab
from export.formats.modelarts import writer as modelarts
from export.formats.mot import writer as mot
from export.formats.mots import writer as mots_png
from export.formats.open_images import writer as open_images
from export.formats.parquet import writer as parquet
from export.formats.pascal_voc import writer as pascal_voc
from export.formats.segmentation_mask import writer as segmentation_mask
from export.formats.sentisight import writer_csv as sentisight_csv
from export.formats.sentisight import writer_json as sentisight_json
from export.formats.tfrecord import writer as tfrecord
from export.formats.vggface2 import writer as vggface2
from export.formats.wider_face import writer as wider_face
from export.formats.yolo import writer_classification as ultralytics_classification
from export.formats.yolo import writer_darknet as yolo
from export.formats.yolo import writer_detection as ultralytics_detection
from export.formats.yolo import writer_obb as ultralytics_obb
from export.formats.yolo import writer_pose as ultralytics_pose
from export.formats.yolo import writer_segmentation as ultralytics_segmentation
from export.parsing.reader import Reader

FORMATS: dict[str, ArchiveFormat] = {
    known.name: known
    for known in (
        ezlabel_json.FORMAT,
        ezlabel_xml.FORMAT,
        coco.FORMAT,
        coco_keypoints.FORMAT,
        imagenet.FORMAT,
        imagenet_halves.FORMAT,
        datumaro.FORMAT,
        cvat_images.FORMAT,
        cvat_video.FORMAT,
        pascal_voc.FORMAT,
        labelme_xml.FORMAT,
        labelme_json.FORMAT,
        open_images.FORMAT,
        yolo.FORMAT,
        mot.FORMAT,
        ultralytics_detection.DETECTION,
        ultralytics_detection.TRACK,
        ultralytics_obb.FORMAT,
        ultralytics_segmentation.FORMAT,
        ultralytics_pose.FORMAT,
        ultralytics_classification.FORMAT,
        wider_face.FORMAT,
        parquet.FORMAT,
        icdar_localization.FORMAT,
        icdar_recognition.FORMAT,
        cvat_json.FORMAT,
        ezlabel_csv.FORMAT,
        sentisight_json.FORMAT,
        sentisight_csv.FORMAT,
        vggface2.FORMAT,
        modelarts.FORMAT,
        market1501.FORMAT,
        tfrecord.FORMAT,
        lfw.FORMAT,
        segmentation_mask.FORMAT,
        kitti.FORMAT,
        cityscapes.FORMAT,
        camvid.FORMAT,
        mots_png.FORMAT,
        bitmaps.PNG,
        bitmaps.BMP,
        icdar_segmentation.FORMAT,
    )
}

# The ways in; one format has no way out.
READERS: dict[str, Reader] = {name: known.reader for name, known in FORMATS.items() if known.reader}
READERS[matlab.NAME] = matlab.READER
